#pragma once

/// @file
/// A fresh directory that nobody else can enter, and that is gone at the end whatever happens.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "dev/child_process.hpp"
#include "dev/unix_user.hpp"

namespace onceward::dev {

/// A new directory of mode 0700 below TMPDIR (or /tmp), owned by `owner` if given.
///
/// The destructor removes it, in the process that made it. A watcher process removes it, too, when
/// this process dies without one, and first stops a PostgreSQL server whose data directory is
/// `data` in it.
class private_directory {
public:
    /// @throws std::system_error  It cannot be made; nothing is left behind.
    explicit private_directory(const std::optional<unix_user>& owner = std::nullopt);
    ~private_directory();
    private_directory(const private_directory&) = delete;
    private_directory& operator=(const private_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Makes a subdirectory of mode 0700 with the same owner.
    std::filesystem::path subdirectory(const std::string& name) const;

    /// Writes a file of mode 0600 with the same owner.
    std::filesystem::path file(const std::string& name, const std::string& content) const;

private:
    void start_watcher();

    std::filesystem::path path_;
    std::optional<unix_user> owner_;
    pid_t maker_;        // a forked copy of this process must not remove it
    int lifeline_ = -1;  // the watcher reads its other end; closed when this process dies
    std::unique_ptr<child_process> watcher_;
};

}  // namespace onceward::dev
