#pragma once

/// @file
/// A directory of a test's own.

#include <filesystem>
#include <string>

namespace onceward::test {

/// A fresh directory below TMPDIR (or /tmp), removed at the end.
class temp_directory {
public:
    temp_directory();
    ~temp_directory();
    temp_directory(const temp_directory&) = delete;
    temp_directory& operator=(const temp_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The whole content of a file; empty when there is none.
std::string content_of(const std::filesystem::path& file);

}  // namespace onceward::test
