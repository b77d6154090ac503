#pragma once

/// @file
/// Which dead letters are meant. Pure.

#include <string>
#include <vector>

#include "pg/connection.hpp"

namespace onceward::cli {

/// All conditions must hold; an empty one holds for all.
struct selection {
    std::vector<std::string> ids{};
    std::string topic{};
    std::string type{};
    std::string key{};
    std::string reason{};       ///< A part of it.
    std::string since{};        ///< Dead from then on: whatever PostgreSQL reads as a time.
    std::string until{};        ///< Dead before then.
    std::string state{"dead"};  ///< dead, redriven or discarded; empty: any.

    /// Whether it names anything but the state.
    [[nodiscard]] bool narrows() const;
};

/// An SQL condition and its parameters, which begin at $1.
struct condition {
    std::string sql;
    std::vector<pg::text_value> params;
};

condition condition_of(const selection& s);

}  // namespace onceward::cli
