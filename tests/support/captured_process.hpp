#pragma once

/// @file
/// A program under test, run as its users run it.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "dev/child_process.hpp"
#include "support/temp_directory.hpp"

namespace onceward::test {

/// A child process whose output is kept. Killed at the end if it still runs.
class captured_process {
public:
    /// @param environment  NAME=value, on top of this process's own; `NAME` alone takes it away.
    explicit captured_process(const std::vector<std::string>& argv,
                              const std::vector<std::string>& environment = {});

    [[nodiscard]] std::string out() const { return content_of(files_.path() / "out"); }
    [[nodiscard]] std::string err() const { return content_of(files_.path() / "err"); }
    [[nodiscard]] pid_t pid() const { return child_.pid(); }
    void signal(int number) { child_.signal(number); }
    bool running() { return child_.running(); }
    /// @return As child_process::wait.
    std::optional<int> wait(std::chrono::milliseconds bound = std::chrono::seconds{60}) {
        return child_.wait(bound);
    }

private:
    temp_directory files_;
    dev::child_process child_;
};

}  // namespace onceward::test
