#include "pg/migrator.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "sql/embedded.hpp"

namespace onceward::pg {

namespace {

struct migration_file {
    int version;
    std::string_view name;
    std::string_view text;
};

/// The embedded migrations, by version.
std::vector<migration_file> migration_files() {
    constexpr std::string_view folder = "migrations/";
    constexpr std::string_view ending = ".up.sql";
    std::vector<migration_file> found;
    for (const auto& f : sql::files()) {
        if (!f.path.starts_with(folder) || !f.path.ends_with(ending)) continue;
        std::string_view stem = f.path.substr(folder.size());
        stem.remove_suffix(ending.size());
        const std::size_t number_end = std::min(stem.find('_'), stem.size() - 1);
        int version = 0;
        std::from_chars(stem.data(), stem.data() + number_end, version);
        found.push_back({version, stem.substr(number_end + 1), f.text});
    }
    return found;  // sql::files() is sorted by path, so this is sorted by version
}

struct applied_row {
    std::string name, checksum, at, by;
};
using applied_rows = std::map<int, applied_row>;

std::string bootstrap_sql(const std::string& schema) {
    return for_schema(
        "CREATE SCHEMA IF NOT EXISTS onceward;"
        "CREATE TABLE IF NOT EXISTS onceward.schema_version ("
        "  version    integer     PRIMARY KEY,"
        "  name       text        NOT NULL,"
        "  checksum   text        NOT NULL,"  // SHA-256 of the file, before any change of the
                                              // schema's name
        "  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),"
        "  applied_by text        NOT NULL DEFAULT session_user);"
        // Whoever may use the schema may know its version: every process checks it at start.
        "GRANT SELECT ON onceward.schema_version TO PUBLIC;",
        schema);
}

result<bool> has_version_table(connection& c, const std::string& schema) {
    auto found = c.exec("SELECT to_regclass($1) IS NOT NULL",
                        {checked_identifier(schema) + ".schema_version"});
    if (!found) return found.error();
    return found->boolean(0, 0);
}

result<applied_rows> read_applied(connection& c, const std::string& schema) {
    auto table = has_version_table(c, schema);
    if (!table) return table.error();
    if (!*table) return applied_rows{};
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

/// By the server, which has SHA-256; `sha256sum` on the file gives the same.
result<std::string> checksum(connection& c, std::string_view text) {
    auto r = c.exec("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", {std::string(text)});
    if (!r) return r.error();
    return std::string(r->text(0, 0));
}

result<std::vector<migration>> compare(connection& c, const applied_rows& applied) {
    std::vector<migration> all;
    const auto files = migration_files();
    for (const auto& f : files) {
        migration m{.version = f.version, .name = std::string(f.name)};
        if (const auto found = applied.find(f.version); found != applied.end()) {
            const auto expected = checksum(c, f.text);
            if (!expected) return expected.error();
            m.state = found->second.checksum == *expected ? migration_state::applied
                                                          : migration_state::changed;
            m.applied_at = found->second.at;
            m.applied_by = found->second.by;
        }
        all.push_back(std::move(m));
    }
    for (const auto& [version, row] : applied) {
        const bool ours =
            std::ranges::any_of(files, [&](const auto& f) { return f.version == version; });
        if (!ours) all.push_back({version, row.name, migration_state::unknown, row.at, row.by});
    }
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

/// Waits for its turn, then has the transaction to itself until it ends.
result<done> begin_turn(connection& c, const migrate_options& options) {
    const std::string sql = fmt::format(
        "BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0;"
        "SELECT pg_advisory_xact_lock(1330528856, hashtext('migrate {}'));"
        "SET LOCAL lock_timeout = {};",
        options.turn_timeout.count(), checked_identifier(options.schema),
        options.lock_timeout.count());
    if (auto begun = c.script(sql); !begun) return begun;
    auto table = has_version_table(c, options.schema);
    if (!table) return table.error();
    // Only where it is missing: a role that cannot make it may still find that nothing is pending.
    return *table ? result<done>(done{}) : c.script(bootstrap_sql(options.schema));
}

result<done> apply(connection& c, const migration_file& file, const std::string& schema) {
    auto sum = checksum(c, file.text);
    if (!sum) return sum.error();
    if (auto r = c.script(for_schema(file.text, schema)); !r) return r;
    auto noted = c.exec(
        for_schema(
            "INSERT INTO onceward.schema_version (version, name, checksum) VALUES ($1, $2, $3)",
            schema),
        {std::to_string(file.version), std::string(file.name), *sum});
    if (!noted) return noted.error();
    return done{};
}

/// One transaction: applies the first pending migration.
/// @return Empty when none was pending.
result<std::optional<migration>> apply_next(connection& c, const migrate_options& options,
                                            std::string& doing) {
    doing = "preparing the schema's version table";
    if (auto r = begin_turn(c, options); !r) return r.error();
    auto applied = read_applied(c, options.schema);
    if (!applied) return applied.error();
    auto all = compare(c, *applied);
    if (!all) return all.error();
    if (auto changed = changed_migration(*all)) return *changed;

    for (const auto& file : migration_files()) {
        if (applied->contains(file.version)) continue;
        doing = fmt::format("migration {:04}_{}", file.version, file.name);
        if (auto r = apply(c, file, options.schema); !r) return r.error();
        if (auto r = c.script("COMMIT"); !r) return r.error();
        return std::optional(migration{.version = file.version,
                                       .name = std::string(file.name),
                                       .state = migration_state::applied});
    }
    if (auto r = c.script("COMMIT"); !r) return r.error();
    return std::optional<migration>{};
}

failure explained(const failure& why, const std::string& doing) {
    if (why.origin == "migration:changed") return why;
    failure out = why;
    out.message = fmt::format("{} failed and was rolled back: {}.", doing, why.message);
    if (why.origin == "sqlstate:42501") {
        out.message +=
            " Migrations need a role that may create roles and schemas in this database; services "
            "need neither.";
    } else if (why.origin == "sqlstate:55P03") {
        out.message +=
            " Somebody holds the lock for long; end that transaction, or try again later.";
    }
    return out;
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

int required_schema_version() {
    const auto files = migration_files();
    return files.empty() ? 0 : files.back().version;
}

result<int> current_version(connection& c, const std::string& schema) {
    auto applied = read_applied(c, schema);
    if (!applied) return applied.error();
    return applied->empty() ? 0 : applied->rbegin()->first;
}

result<std::vector<migration>> migration_status(connection& c, const std::string& schema) {
    auto applied = read_applied(c, schema);
    if (!applied) return applied.error();
    return compare(c, *applied);
}

result<std::vector<migration>> migrate_up(connection& c, const migrate_options& options) {
    std::vector<migration> made;
    for (;;) {
        std::string doing;
        auto next = apply_next(c, options, doing);
        if (!next) {
            static_cast<void>(c.script("ROLLBACK"));  // a lost connection has rolled back by itself
            return explained(next.error(), doing);
        }
        if (!*next) return made;
        made.push_back(**next);
    }
}

}  // namespace onceward::pg
