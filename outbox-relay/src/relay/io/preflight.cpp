#include "relay/io/preflight.hpp"

#include <array>

#include <fmt/format.h>

#include "pg/migrator.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

struct grant {
    const char* object;
    const char* privilege;
};

constexpr std::array grants{
    grant{"outbox", "SELECT"},       grant{"relay_cursor", "SELECT"},
    grant{"relay_cursor", "UPDATE"}, grant{"relay_life", "SELECT"},
    grant{"relay_life", "INSERT"},   grant{"relay_life", "UPDATE"},
    grant{"topic_pin", "SELECT"},    grant{"topic_pin", "INSERT"},
    grant{"outbox_dead", "SELECT"},  grant{"outbox_dead", "INSERT"},
    grant{"outbox_hold", "SELECT"},  grant{"outbox_hold", "INSERT"},
    grant{"outbox_hold", "DELETE"},  grant{"outbox_held", "SELECT"},
    grant{"outbox_held", "INSERT"},  grant{"outbox_held", "DELETE"},
};

constexpr std::array functions{"outbox_clean_slot(smallint)", "outbox_forget_tombstones(smallint)"};

/// Runs a query that answers with sentences, one a row.
void ask(pg::connection& db, std::vector<std::string>& problems, const std::string& sql) {
    auto r = db.exec(sql, {});
    if (!r) {
        problems.push_back(r.error().message);
        return;
    }
    for (int i = 0; i < r->size(); ++i) problems.emplace_back(r->text(i, 0));
}

void check_server(pg::connection& db, std::vector<std::string>& problems) {
    if (db.server_version() < 130000) {
        problems.push_back(
            fmt::format("the server is PostgreSQL {}, but the outbox needs 13 or newer: upgrade it",
                        db.server_version() / 10000));
    }
    ask(db, problems,
        "SELECT 'the server is a standby, where open transactions look finished and their events "
        "would be lost: "
        "connect to the primary (target_session_attrs=read-write)' WHERE pg_is_in_recovery()");
    ask(db, problems,
        "SELECT name || ' is off, so that committed events can vanish in a crash: set it on' FROM "
        "pg_settings "
        "WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'");
}

void check_schema(pg::connection& db, const std::string& schema,
                  std::vector<std::string>& problems) {
    const auto version = pg::current_version(db, schema);
    if (!version) {
        problems.push_back(version.error().message);
    } else if (*version < pg::required_schema_version()) {
        problems.push_back(
            fmt::format("schema {} has version {}, this relay needs {}: run `onceward migrate up`",
                        schema, *version, pg::required_schema_version()));
    }
}

void check_grants(pg::connection& db, const std::string& schema,
                  std::vector<std::string>& problems) {
    for (const auto& g : grants) {
        ask(db, problems,
            fmt::format("SELECT format('%s has no %s on %s: GRANT onceward_relay TO %I', "
                        "current_user, '{1}', '{2}.{0}', "
                        "current_user) WHERE NOT has_table_privilege('{2}.{0}', '{1}')",
                        g.object, g.privilege, schema));
    }
    for (const char* function : functions) {
        ask(db, problems,
            fmt::format("SELECT format('%s may not call {0}.{1}: GRANT onceward_relay TO %I', "
                        "current_user, current_user) "
                        "WHERE NOT has_function_privilege('{0}.{1}', 'EXECUTE')",
                        schema, function));
    }
}

void check_outbox(pg::connection& db, const relay_options& options,
                  std::vector<std::string>& problems) {
    ask(db, problems,
        fmt::format(
            "SELECT format('sequence %s.outbox_seq has CACHE %s, which inverts the order of a "
            "key''s events: "
            "ALTER SEQUENCE %s.outbox_seq CACHE 1', '{0}', seqcache, '{0}') FROM pg_sequence "
            "WHERE seqrelid = '{0}.outbox_seq'::regclass AND seqcache <> 1",
            options.schema));
    ask(db, problems,
        fmt::format("SELECT 'shard {1} does not exist in relay_cursor: choose one of '"
                    " || coalesce((SELECT string_agg(shard::text, ', ' ORDER BY shard) FROM "
                    "{0}.relay_cursor), 'none')"
                    " WHERE NOT EXISTS (SELECT FROM {0}.relay_cursor WHERE shard = {1})",
                    options.schema, options.shard));
}

}  // namespace

std::vector<std::string> find_problems(const relay_options& options) {
    std::vector<std::string> problems;
    auto db = open_cursor_session(options);
    if (!db) return {db.error().message + "; check --database or the PG* variables"};
    check_server(*db, problems);
    check_schema(*db, options.schema, problems);
    if (!problems.empty()) return problems;  // the rest would only repeat it
    check_grants(*db, options.schema, problems);
    if (!problems.empty()) return problems;
    check_outbox(*db, options, problems);
    return problems;
}

}  // namespace onceward::relay_core
