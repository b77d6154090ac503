#include "migrate/export.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "pg/connection.hpp"
#include "pg/migration_files.hpp"

namespace onceward::cli {

namespace {

/// The names of a migration's way up and way down.
std::pair<std::string, std::string> names(sql_format format, const pg::migration_file& m) {
    switch (format) {
        case sql_format::plain:
            return {pg::label(m) + ".up.sql", pg::label(m) + ".down.sql"};
        case sql_format::flyway:
            return {fmt::format("V{}__{}.sql", m.version, m.name),
                    fmt::format("U{}__{}.sql", m.version, m.name)};
        case sql_format::golang_migrate:
            return {fmt::format("{:06}_{}.up.sql", m.version, m.name),
                    fmt::format("{:06}_{}.down.sql", m.version, m.name)};
    }
    return {};
}

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

sql_format sql_format_of(std::string_view word) {
    if (word == "plain") return sql_format::plain;
    if (word == "flyway") return sql_format::flyway;
    if (word == "golang-migrate") return sql_format::golang_migrate;
    throw std::invalid_argument(
        fmt::format("--format '{}' is not plain, flyway or golang-migrate", word));
}

std::vector<sql_file> exported(sql_format format, const std::string& schema) {
    std::vector<sql_file> files;
    for (const auto& m : pg::migration_files()) {
        auto [up, down] = names(format, m);
        files.push_back({std::move(up), pg::for_schema(m.up, schema)});
        files.push_back({std::move(down), pg::for_schema(m.down, schema)});
    }
    return files;
}

std::vector<std::string> write_files(const std::filesystem::path& directory,
                                     const std::vector<sql_file>& files) {
    std::filesystem::create_directories(directory);
    std::vector<std::string> written;
    for (const auto& f : files) {
        if (!exists(directory / f.name)) continue;
        if (content_of(directory / f.name) != f.text) {
            throw std::runtime_error(fmt::format(
                "{} is there with another content; nothing was written. Name an empty --directory, "
                "or remove it if it was never applied.",
                (directory / f.name).string()));
        }
    }
    for (const auto& f : files) {
        if (exists(directory / f.name)) continue;
        write(directory / f.name, f.text);
        written.push_back(f.name);
    }
    return written;
}

}  // namespace onceward::cli
