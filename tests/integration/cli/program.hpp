#pragma once

/// @file
/// The program `onceward`, run as its users run it.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/captured_process.hpp"

namespace onceward::test {

struct finished {
    int code = -1;  ///< 128 + signal when a signal ended it; -1 when it did not end in time.
    std::string out{};
    std::string err{};
};

/// The command line: the program, then `arguments`.
inline std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{ONCEWARD_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

/// Runs it to its end.
inline finished run_onceward(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment = {}) {
    captured_process p(command_line(arguments), environment);
    const auto code = p.wait();
    return {code.value_or(-1), p.out(), p.err()};
}

inline void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}

}  // namespace onceward::test
