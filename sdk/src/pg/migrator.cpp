#include "pg/migrator.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pg/migration_losses.hpp"

namespace onceward::pg {

namespace {

const migration_file* file_of(int version) {
    const auto& all = migration_files();
    const auto found = std::ranges::find(all, version, &migration_file::version);
    return found == all.end() ? nullptr : &*found;
}

/// Waits for its turn, then has the transaction to itself until it ends.
/// @return The migrations, none of which is changed.
result<std::vector<migration>> begin_turn(connection& c, const migrate_options& options) {
    const std::string sql = fmt::format(
        "BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0;"
        "SELECT pg_advisory_xact_lock(1330528856, hashtext('migrate {}'));"
        "SET LOCAL lock_timeout = {};",
        options.turn_timeout.count(), checked_identifier(options.schema),
        options.lock_timeout.count());
    if (auto begun = c.script(sql); !begun) return begun.error();
    auto all = migration_status(c, options.schema);
    if (!all) return all.error();
    if (auto changed = changed_migration(*all)) return *changed;
    return all;
}

/// Whether the database says of `version` that it is applied, and unchanged.
result<bool> is_recorded(connection& c, const migrate_options& options, int version) {
    auto all = migration_status(c, options.schema);
    if (!all) return all.error();
    return std::ranges::any_of(*all, [&](const auto& m) {
        return m.version == version && m.state == migration_state::applied;
    });
}

failure misrecorded(const migration& m, const char* how) {
    return failure{.next = verdict::fatal,
                   .message = fmt::format("its file {} schema_version; a bug of this program", how),
                   .origin = fmt::format("migration:{}", m.version)};
}

result<done> apply(connection& c, const migration& m, const migrate_options& options) {
    const migration_file* file = file_of(m.version);
    if (auto r = c.script(for_schema(file->up, options.schema)); !r) return r;
    auto recorded = is_recorded(c, options, m.version);
    if (!recorded) return recorded.error();
    if (!*recorded) return misrecorded(m, "does not record itself, or another content, in");
    return done{};
}

result<done> take_back(connection& c, const migration& m, const migrate_options& options) {
    const migration_file* file = file_of(m.version);
    if (file == nullptr) {
        return failure{.next = verdict::fatal,
                       .message =
                           "it was applied by a newer program, which knows how to take it "
                           "back: run its `onceward migrate down`",
                       .origin = "migration:unknown"};
    }
    if (auto r = c.script(for_schema(file->down, options.schema)); !r) return r;
    auto recorded = is_recorded(c, options, m.version);
    if (!recorded) return recorded.error();
    if (*recorded) return misrecorded(m, "leaves itself in");
    return done{};
}

/// One transaction: applies the first pending migration.
/// @return Empty when none was pending.
result<std::optional<migration>> apply_next(connection& c, const migrate_options& options,
                                            std::string& doing) {
    doing = "looking at the schema's version";
    auto all = begin_turn(c, options);
    if (!all) return all.error();
    auto pending = to_apply(*all, options.to);
    std::optional<migration> applied;
    if (pending.empty()) {
        if (auto r = c.script("COMMIT"); !r) return r.error();
        return applied;
    }
    auto& next = pending.front();
    doing = fmt::format("migration {:04}_{}", next.version, next.name);
    if (auto r = apply(c, next, options); !r) return r.error();
    if (auto r = c.script("COMMIT"); !r) return r.error();
    next.state = migration_state::applied;
    applied = std::move(next);
    return applied;
}

result<done> refuse_losses(connection& c, const migrate_options& options) {
    if (auto r = lock_treasures(c, options.schema, *options.to); !r) return r;
    auto lost = losses(c, options.schema, *options.to);
    if (!lost) return lost.error();
    if (lost->empty() || options.accept_losses) return done{};
    return failure{.next = verdict::fatal,
                   .message = fmt::format("{}.", fmt::join(*lost, "; ")),
                   .origin = "migration:losses"};
}

result<std::vector<migration>> take_back_all(connection& c, const migrate_options& options,
                                             std::string& doing) {
    doing = "looking at what would be lost";
    auto all = begin_turn(c, options);
    if (!all) return all.error();
    if (auto r = refuse_losses(c, options); !r) return r.error();
    auto gone = to_take_back(*all, *options.to);
    for (auto& m : gone) {
        doing = fmt::format("taking back migration {:04}_{}", m.version, m.name);
        if (auto r = take_back(c, m, options); !r) return r.error();
        m.state = migration_state::pending;
    }
    if (auto r = c.script("COMMIT"); !r) return r.error();
    return gone;
}

failure explained(const failure& why, const std::string& doing) {
    if (why.origin == "migration:changed") return why;
    failure out = why;
    out.message = fmt::format("{} failed and was rolled back: {}.", doing, why.message);
    if (why.origin == "migration:losses") {
        out.message = "Nothing was changed, because " + why.message;
    } else if (why.origin == "sqlstate:42501") {
        out.message +=
            " Migrations need a role that may create roles and schemas in this database; services "
            "need neither.";
    } else if (why.origin == "sqlstate:55P03") {
        out.message +=
            " Somebody holds the lock for long; end that transaction, or try again later.";
    }
    return out;
}

std::string transaction(std::string_view sql, const migrate_options& options) {
    return fmt::format("BEGIN;\nSET LOCAL lock_timeout = '{}ms';\n{}COMMIT;\n",
                       options.lock_timeout.count(), for_schema(sql, options.schema));
}

}  // namespace

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

result<std::vector<migration>> migrate_down(connection& c, const migrate_options& options) {
    std::string doing;
    auto gone = take_back_all(c, options, doing);
    if (gone) return gone;
    static_cast<void>(c.script("ROLLBACK"));
    return explained(gone.error(), doing);
}

std::string up_script(const std::vector<migration>& all, const migrate_options& options) {
    std::string out;
    for (const auto& m : to_apply(all, options.to))
        out += transaction(file_of(m.version)->up, options);
    return out;
}

std::string down_script(const std::vector<migration>& all, const migrate_options& options) {
    std::string out;
    for (const auto& m : to_take_back(all, options.to.value_or(0))) {
        const auto* file = file_of(m.version);
        out += file == nullptr
                   ? fmt::format("-- {:04}_{} is of a newer program, which has its way down.\n",
                                 m.version, m.name)
                   : transaction(file->down, options);
    }
    return out;
}

}  // namespace onceward::pg
