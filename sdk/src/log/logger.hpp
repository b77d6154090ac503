#pragma once

/// @file
/// Where a process's log goes: stderr, one line an event.

#include <memory>
#include <string_view>
#include <vector>

#include "log/line.hpp"

namespace onceward::log {

enum class format : std::uint8_t {
    automatic,  ///< Text when stderr is a terminal, JSON otherwise.
    text,
    json,
};

/// Writes lines to stderr.
///
/// @par Thread safety
/// Any thread; lines never mix.
class logger {
public:
    explicit logger(format f = format::automatic, level least = level::info);
    ~logger();
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;

    /// Goes on in another format and with another least level.
    void configure(format f, level least);

    /// Writes one line, stamped with the time of now, unless its level is too low.
    void write(level severity, std::string_view message, std::vector<field> fields = {});

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward::log
