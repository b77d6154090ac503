#include "pg/migration_files.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sql/embedded.hpp"

namespace onceward::pg {

namespace {

constexpr std::string_view folder = "migrations/";
constexpr std::string_view up_ending = ".up.sql";

migration_file parsed(const sql::file& f) {
    std::string_view stem = f.path.substr(folder.size());
    stem.remove_suffix(up_ending.size());
    const std::size_t number_end = std::min(stem.find('_'), stem.size() - 1);
    migration_file m{.name = stem.substr(number_end + 1), .up = f.text};
    std::from_chars(stem.data(), stem.data() + number_end, m.version);
    m.down = sql::text(fmt::format("{}{}.down.sql", folder, stem));
    return m;
}

std::vector<migration_file> read() {
    std::vector<migration_file> found;
    for (const auto& f : sql::files()) {
        if (f.path.starts_with(folder) && f.path.ends_with(up_ending)) found.push_back(parsed(f));
    }
    return found;  // sql::files() is sorted by path, so this is sorted by version
}

}  // namespace

const std::vector<migration_file>& migration_files() {
    static const std::vector<migration_file> all = read();
    return all;
}

std::string label(const migration_file& m) {
    return fmt::format("{:04}_{}", m.version, m.name);
}

std::string_view sealed_part(std::string_view up) {
    if (up.ends_with('\n')) up.remove_suffix(1);
    const std::size_t end_of_text = up.rfind('\n');
    return end_of_text == std::string_view::npos ? std::string_view{}
                                                 : up.substr(0, end_of_text + 1);
}

int required_schema_version() {
    return migration_files().empty() ? 0 : migration_files().back().version;
}

}  // namespace onceward::pg
