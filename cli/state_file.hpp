#pragma once

/// @file
/// A file that says for other programs what runs, for as long as it runs.

#include <filesystem>
#include <string>

namespace onceward::cli {

/// Appears with its whole content at once (mode 0600), and is gone at the end.
class state_file {
public:
    /// @throws std::system_error  It cannot be written.
    state_file(std::filesystem::path path, const std::string& content);
    ~state_file();
    state_file(const state_file&) = delete;
    state_file& operator=(const state_file&) = delete;

private:
    std::filesystem::path path_;
};

}  // namespace onceward::cli
