#include "support/test_database.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "pg/migrator.hpp"
#include "sql/embedded.hpp"

#ifdef __SANITIZE_ADDRESS__
/// libpqxx 6 drops a result of libpq, about 1 kB, each time a connection is lost.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libpq.so\n";
}  // NOLINT
#endif

namespace onceward::test {

namespace {

std::string fresh_name(const std::string& prefix) {
    static std::atomic<int> last{0};
    return prefix + std::to_string(++last);
}

}  // namespace

dev::private_postgres& server() {
    static dev::private_postgres one(
        {.settings = {"fsync = off", "wal_level = logical", "max_replication_slots = 20"}});
    return one;
}

dev::private_postgres& durable_server() {
    static dev::private_postgres one;
    return one;
}

std::string empty_database(dev::private_postgres& on) {
    const std::string name = fresh_name("test_");
    on.create_database(name);
    return on.conninfo(name);
}

std::string migrated_database(dev::private_postgres& on) {
    const std::string conninfo = empty_database(on);
    auto c = connect(conninfo);
    const auto made = pg::migrate_up(c, {});
    if (!made) throw std::runtime_error(made.error().message);
    return conninfo;
}

std::vector<int> migration_versions() {
    std::vector<int> found;
    for (const auto& f : sql::files()) {
        constexpr std::string_view folder = "migrations/";
        if (!f.path.starts_with(folder) || !f.path.ends_with(".up.sql")) continue;
        found.push_back(std::stoi(std::string(f.path.substr(folder.size()))));
    }
    std::ranges::sort(found);
    return found;
}

pg::connection connect(const std::string& conninfo) {
    auto c = pg::connection::open(conninfo, {{"statement_timeout", "30s"}});
    if (!c) throw std::runtime_error(c.error().message);
    return *std::move(c);
}

std::string login_in(const std::string& conninfo, const std::string& roles) {
    auto owner = connect(conninfo);
    const std::string login = fresh_name("login_");
    value_of(owner, "CREATE ROLE " + login + " LOGIN IN ROLE " + roles);
    return conninfo + " user=" + login;
}

pg::connection connect_as(const std::string& conninfo, const std::string& role) {
    return connect(login_in(conninfo, role));
}

std::string value_of(pg::connection& c, const std::string& sql) {
    const auto r = c.exec(sql.c_str());
    if (!r) throw std::runtime_error(r.error().message + " in: " + sql);
    return r->empty() ? "" : std::string(r->text(0, 0));
}

std::string sqlstate_of(pg::connection& c, const std::string& sql) {
    value_of(c, "BEGIN");
    const auto r = c.exec(sql.c_str());
    value_of(c, "ROLLBACK");
    if (r) return "";
    const std::string& origin = r.error().origin;
    return origin.substr(origin.find(':') + 1);
}

}  // namespace onceward::test
