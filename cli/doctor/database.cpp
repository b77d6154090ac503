#include "doctor/database.hpp"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "pg/checks.hpp"
#include "pg/migrator.hpp"
#include "pg/schema_version.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;
using findings = std::vector<finding>;

constexpr std::array parts{"app", "relay", "inbox", "monitor"};
constexpr const char* long_transaction = "5 minutes";

void append(findings& all, findings more) {
    for (auto& f : more) all.push_back(std::move(f));
}

/// What is applied, file by file, and whether a newer program was here.
findings check_migrations(pg::connection& c, const std::string& schema) {
    const auto all = pg::migration_status(c, schema);
    if (!all) return {{severity::problem, all.error().message, "look at the server's log"}};
    findings found;
    for (const auto& m : *all) {
        const std::string label = fmt::format("{:04}_{}", m.version, m.name);
        if (m.state == pg::migration_state::pending) {
            found.push_back({severity::problem, fmt::format("migration {} is not applied", label),
                             "run `onceward migrate up`"});
        } else if (m.state == pg::migration_state::changed) {
            found.push_back({severity::problem,
                             fmt::format("migration {} was applied from another content", label),
                             "restore the released file, and put the change into a new migration"});
        } else if (m.state == pg::migration_state::unknown) {
            found.push_back({severity::warning,
                             fmt::format("migration {} is of a newer program", label),
                             "upgrade this one"});
        }
    }
    return found;
}

result<bool> yes_or_no(pg::connection& c, const char* sql,
                       std::initializer_list<pg::text_value> params) {
    auto r = c.exec(std::string(sql), params);
    if (!r) return r.error();
    return !r->empty() && r->boolean(0, 0);
}

/// The grants of a part's role.
findings check_role(pg::connection& c, const std::string& schema, const std::string& part) {
    const std::string role = "onceward_" + part;
    const auto there =
        yes_or_no(c, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", {role});
    if (there && !*there) {
        return {{severity::problem, fmt::format("there is no role {}", role),
                 fmt::format("CREATE ROLE {} NOLOGIN; then grant it what this command says next",
                             role)}};
    }
    return pg::check(c, "grants", schema, {role, part});
}

/// Whether the connected role can do anything here: as owner or through one of the roles.
findings check_user(pg::connection& c) {
    const auto serves = yes_or_no(
        c,
        "SELECT rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE rolname = ANY "
        "(ARRAY['onceward_app', 'onceward_relay', 'onceward_inbox', 'onceward_monitor']) "
        "AND pg_has_role(current_user, r.oid, 'USAGE')) FROM pg_roles WHERE rolname = current_user",
        {});
    if (!serves) return {{severity::problem, serves.error().message, "look at the server's log"}};
    if (*serves) return {};
    auto who = c.exec("SELECT quote_ident(current_user)");
    const std::string name(who ? who->text(0, 0) : "this role");
    return {{severity::warning, fmt::format("{} has none of the roles", name),
             fmt::format("GRANT onceward_app TO {}; or onceward_relay, onceward_inbox, "
                         "onceward_monitor",
                         name)}};
}

/// Whether a pooler keeps the statements of a transaction together. One that does not ends the
/// connection.
findings check_pooler(pg::connection& c) {
    if (c.script("BEGIN") && c.script("SELECT 1") && c.script("ROLLBACK")) return {};
    return {{severity::problem,
             "a pooler before the server refuses transactions of several statements, so that "
             "neither services nor consumers can work through it",
             "set pool_mode = transaction in PgBouncer and RELOAD it"}};
}

findings check_clock(pg::connection& c) {
    const auto asked = std::chrono::system_clock::now();
    auto r = c.exec("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint");
    const auto answered = std::chrono::system_clock::now();
    if (!r) return {{severity::problem, r.error().message, "look at the server's log"}};
    const std::chrono::sys_time<std::chrono::milliseconds> theirs{
        std::chrono::milliseconds{r->integer(0, 0)}};
    const auto middle = asked + (answered - asked) / 2;
    return judge_clock(std::chrono::round<std::chrono::milliseconds>(theirs - middle),
                       std::chrono::ceil<std::chrono::milliseconds>(answered - asked) / 2 + 1ms);
}

/// Whether some shard's relay reads the WAL.
bool reads_wal(pg::connection& c, const std::string& schema) {
    auto r = c.exec(fmt::format("SELECT EXISTS (SELECT FROM {}.relay_cursor WHERE capture = "
                                "'wal')",
                                schema),
                    {});
    return r && r->boolean(0, 0);
}

std::vector<section> examine_server(pg::connection& c, const std::string& schema) {
    std::vector<section> all{{"server", pg::check(c, "server", schema)},
                             {"clock", check_clock(c)},
                             {"connected role", check_user(c)},
                             {"schema version", pg::check_version(c, schema)}};
    if (worst({all.back()}) == severity::problem) return all;
    append(all.back().findings, check_migrations(c, schema));
    for (const char* part : parts)
        all.push_back({fmt::format("grants of onceward_{}", part), check_role(c, schema, part)});
    all.push_back({"outbox", pg::check(c, "order", schema)});
    append(all.back().findings, pg::check(c, "outbox", schema));
    if (reads_wal(c, schema)) all.push_back({"WAL", pg::check(c, "wal", schema, {"false"})});
    all.push_back({"inbox", pg::check(c, "inbox", schema)});
    all.push_back({"open transactions", pg::check(c, "transactions", schema, {long_transaction})});
    return all;
}

}  // namespace

findings judge_clock(std::chrono::milliseconds off, std::chrono::milliseconds error) {
    const auto least = std::chrono::abs(off) - error;
    if (least < 2s) return {};
    const auto what = fmt::format("the server's clock is {:.1f} s {} this machine's",
                                  static_cast<double>(std::chrono::abs(off).count()) / 1000,
                                  off.count() > 0 ? "ahead of" : "behind");
    const std::string remedy = "run NTP on both";
    if (least < 30min) return {{severity::warning, what, remedy}};
    return {{severity::problem,
             what + "; ids that are made here more than an hour off are refused by the outbox",
             remedy}};
}

std::vector<section> examine_database(pg::connection& c, const std::string& schema) {
    auto all = examine_server(c, schema);
    if (c.pooled()) all.push_back({"pooler", check_pooler(c)});
    return all;
}

}  // namespace onceward::cli
