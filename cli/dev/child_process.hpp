#pragma once

/// @file
/// A child process: started without a shell, waited for with a bound.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "dev/unix_user.hpp"

namespace onceward::dev {

struct child_options {
    std::vector<std::string> argv;                          ///< argv[0] is the path of the program.
    std::optional<std::vector<std::string>> environment{};  ///< NAME=value; empty: this process's.
    std::optional<unix_user> user{};                        ///< Whom to become; only root can.
    std::filesystem::path directory = "/";                  ///< Working directory.
    std::filesystem::path output{};  ///< Takes stdout, and stderr too unless `errors` is set;
                                     ///< appended to; empty: thrown away.
    std::filesystem::path errors{};  ///< Takes stderr.
    int input = -1;                  ///< Becomes stdin; -1: nothing to read. Stays the caller's.
    bool dies_with_caller = false;   ///< Killed when the calling *thread* ends.
};

/// A child in a session of its own: a Ctrl-C on the terminal does not reach it.
///
/// Destroying it kills (SIGKILL) a child that still runs, and reaps it.
class child_process {
public:
    /// @throws std::system_error  It could not be started; nothing is left behind.
    explicit child_process(const child_options& options);
    ~child_process();
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&& other) noexcept;

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Sends a signal; a child that has ended gets none.
    void signal(int number);

    /// Waits at most `bound` for the end.
    /// @return The exit code, or 128 + the signal that ended it; empty while it runs.
    std::optional<int> wait(std::chrono::milliseconds bound);

    /// Whether it runs now.
    [[nodiscard]] bool running() { return !wait(std::chrono::milliseconds{0}); }

private:
    void reap(bool block);

    pid_t pid_ = -1;
    std::optional<int> ended_{};
};

}  // namespace onceward::dev
