#pragma once

/// @file
/// The migrations as files for psql, Flyway and golang-migrate.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace onceward::cli {

/// What the files are named for.
enum class sql_format { plain, flyway, golang_migrate };

/// @throws std::invalid_argument  There is no such format.
sql_format sql_format_of(std::string_view word);

struct sql_file {
    std::string name;
    std::string text;
};

/// The files of all migrations, for a schema: a way up and a way down each.
std::vector<sql_file> exported(sql_format format, const std::string& schema);

/// Writes them into a directory, which is made where it is missing.
/// @return The names of those that were not there before.
/// @throws std::runtime_error  One is there with another content, or cannot be written. An applied
///                             migration must not change, so nothing is ever overwritten.
std::vector<std::string> write_files(const std::filesystem::path& directory,
                                     const std::vector<sql_file>& files);

}  // namespace onceward::cli
