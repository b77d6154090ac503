#pragma once

/// @file
/// Why a message cannot be applied, and whose fault that is.

#include <cstdint>
#include <string>
#include <string_view>

namespace onceward::inbox_core {

enum class fault : std::uint8_t {
    message,      ///< The next message may well be applied.
    environment,  ///< The next one will fail too: a grant, a table, a bug of the handler's.
};

/// A message that fails for good.
struct refusal {
    fault by = fault::environment;
    std::string reason{};    ///< For the person who looks at it.
    std::string sqlstate{};  ///< Empty: no statement failed.
    int attempts = 1;
    std::int64_t offset = 0;
};

/// @param origin  As `failure::origin`: what the handler threw, or the SQLSTATE.
fault fault_of(std::string_view origin);

/// The SQLSTATE within an origin; empty when it is of something else.
std::string sqlstate_of(std::string_view origin);

}  // namespace onceward::inbox_core
