#pragma once

/// @file
/// The project's .sql files, embedded in the binary.

#include <span>
#include <string_view>

namespace onceward::sql {

struct file {
    std::string_view path;  ///< Below sql/, such as "migrations/0001_roles.up.sql".
    std::string_view text;
};

/// All files, sorted by path.
std::span<const file> files();

/// The text of the file at `path`.
/// @throws std::out_of_range  There is none: a bug of ours.
std::string_view text(std::string_view path);

}  // namespace onceward::sql
