#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "pg/migrator.hpp"

namespace onceward::pg {

namespace {

struct applied_row {
    std::string name, checksum, at, by;
};
using applied_rows = std::map<int, applied_row>;

result<applied_rows> read_applied(connection& c, const std::string& schema) {
    auto there = c.exec("SELECT to_regclass($1) IS NOT NULL",
                        {checked_identifier(schema) + ".schema_version"});
    if (!there) return there.error();
    if (!there->boolean(0, 0)) return applied_rows{};
    auto r = c.exec(for_schema("SELECT version, name, checksum, applied_at, applied_by "
                               "FROM onceward.schema_version ORDER BY version",
                               schema),
                    {});
    if (!r) return r.error();
    applied_rows found;
    for (int i = 0; i < r->size(); ++i) {
        found[static_cast<int>(r->integer(i, 0))] = {
            std::string(r->text(i, 1)), std::string(r->text(i, 2)), std::string(r->text(i, 3)),
            std::string(r->text(i, 4))};
    }
    return found;
}

/// By the server, which has SHA-256; `head -n -1 FILE | sha256sum` gives the same.
result<std::string> checksum(connection& c, std::string_view text) {
    auto r = c.exec("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", {std::string(text)});
    if (!r) return r.error();
    return std::string(r->text(0, 0));
}

result<migration> compared(connection& c, const migration_file& file, const applied_rows& applied) {
    migration m{.version = file.version, .name = std::string(file.name)};
    const auto found = applied.find(file.version);
    if (found == applied.end()) return m;
    const auto expected = checksum(c, sealed_part(file.up));
    if (!expected) return expected.error();
    m.state =
        found->second.checksum == *expected ? migration_state::applied : migration_state::changed;
    m.applied_at = found->second.at;
    m.applied_by = found->second.by;
    return m;
}

}  // namespace

std::string_view to_string(migration_state s) {
    switch (s) {
        case migration_state::pending:
            return "pending";
        case migration_state::applied:
            return "applied";
        case migration_state::changed:
            return "changed";
        case migration_state::unknown:
            return "unknown";
    }
    return "";
}

result<int> current_version(connection& c, const std::string& schema) {
    auto applied = read_applied(c, schema);
    if (!applied) return applied.error();
    return applied->empty() ? 0 : applied->rbegin()->first;
}

result<std::vector<migration>> migration_status(connection& c, const std::string& schema) {
    auto applied = read_applied(c, schema);
    if (!applied) return applied.error();
    std::vector<migration> all;
    for (const auto& file : migration_files()) {
        auto m = compared(c, file, *applied);
        if (!m) return m.error();
        all.push_back(*std::move(m));
        applied->erase(file.version);
    }
    for (const auto& [version, row] : *applied)
        all.push_back({version, row.name, migration_state::unknown, row.at, row.by});
    std::ranges::sort(all, {}, &migration::version);
    return all;
}

std::optional<failure> changed_migration(const std::vector<migration>& all) {
    const auto found = std::ranges::find(all, migration_state::changed, &migration::state);
    if (found == all.end()) return std::nullopt;
    return failure{
        .next = verdict::fatal,
        .message = fmt::format(
            "migration {:04}_{} is applied to this database, but from a file with another "
            "content. A released file must not be edited: restore it, and put the change "
            "into a new migration.",
            found->version, found->name),
        .origin = "migration:changed"};
}

std::vector<migration> to_apply(const std::vector<migration>& all, std::optional<int> to) {
    std::vector<migration> found;
    std::ranges::copy_if(all, std::back_inserter(found), [&](const auto& m) {
        return m.state == migration_state::pending && (!to || m.version <= *to);
    });
    return found;
}

std::vector<migration> to_take_back(const std::vector<migration>& all, int to) {
    std::vector<migration> found;
    std::ranges::copy_if(all, std::back_inserter(found), [&](const auto& m) {
        return m.state != migration_state::pending && m.version > to;
    });
    std::ranges::reverse(found);
    return found;
}

}  // namespace onceward::pg
