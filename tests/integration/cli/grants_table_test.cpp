// sql/README.md has a table of all grants. Here it is compared with the catalog, with what happens
// when each role tries everything, and with the statements that a check of grants prints.

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pg/checks.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::value_of;

constexpr std::array parts{"app", "relay", "inbox", "monitor"};

/// "outbox SELECT", "outbox.id INSERT", "add() EXECUTE", "schema USAGE".
using grants = std::set<std::string>;

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string one; std::getline(in, one, by);) out.push_back(one);
    return out;
}

std::string trimmed(std::string text) {
    std::erase(text, '`');
    const auto from = text.find_first_not_of(' ');
    if (from == std::string::npos) return "";
    return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

/// One cell of the table: "SELECT, INSERT (id, topic)".
void add_cell(grants& to, const std::string& object, std::string cell) {
    cell = trimmed(cell);
    while (!cell.empty()) {
        const auto end = cell.find_first_of(" ,");
        const std::string privilege = cell.substr(0, end);
        cell = end == std::string::npos ? "" : trimmed(cell.substr(end));
        if (cell.starts_with('(')) {
            const auto close = cell.find(')');
            for (const auto& column : split(cell.substr(1, close - 1), ','))
                to.insert(object + "." + trimmed(column) + " " + privilege);
            cell = trimmed(cell.substr(close + 1));
        } else {
            to.insert(object + " " + privilege);
        }
        if (cell.starts_with(',')) cell = trimmed(cell.substr(1));
    }
}

std::map<std::string, grants> documented() {
    std::ifstream in(std::string(ONCEWARD_SQL_DIR) + "/README.md");
    std::map<std::string, grants> by_part;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("| object | app |")) inside = true;
        if (line.empty()) inside = false;
        if (!inside || line.starts_with("| ---") || line.starts_with("| object")) continue;
        const auto cells = split(line, '|');
        const std::string object =
            trimmed(cells.at(1)) == "the schema" ? "schema" : trimmed(cells.at(1));
        for (std::size_t i = 0; i < parts.size(); ++i)
            add_cell(by_part[parts[i]], object, cells.at(i + 2));
    }
    return by_part;
}

/// Everything in the schema that was granted to `role` itself; "PUBLIC" is everybody.
grants granted(pg::connection& owner, const std::string& role) {
    const auto r = owner.exec(
        "SELECT line FROM ("
        " SELECT c.relname || ' ' || a.privilege_type AS line, a.grantee FROM pg_class c,"
        "  aclexplode(c.relacl) a WHERE c.relnamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT c.relname || '.' || t.attname || ' ' || a.privilege_type, a.grantee"
        "  FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a"
        "  WHERE c.relnamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT p.proname || '() ' || a.privilege_type, a.grantee FROM pg_proc p,"
        "  aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        "  WHERE p.pronamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT 'schema ' || a.privilege_type, a.grantee FROM pg_namespace n,"
        "  aclexplode(n.nspacl) a WHERE n.nspname = 'onceward') g "
        "WHERE grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0)",
        {role});
    grants found;
    for (int i = 0; r && i < r->size(); ++i) found.emplace(r->text(i, 0));
    return found;
}

/// What one of two has and the other has not, for a message.
std::string difference(const grants& documented, const grants& real) {
    std::string out;
    for (const auto& g : documented)
        if (!real.contains(g)) out += "only documented: " + g + '\n';
    for (const auto& g : real)
        if (!documented.contains(g)) out += "not documented: " + g + '\n';
    return out;
}

TEST(GrantsTable, SaysAllThatEachRoleIsGranted) {
    auto owner = test::connect(test::migrated_database());

    for (const std::string part : parts) {
        const auto expected = documented().at(part);
        EXPECT_FALSE(expected.empty()) << part;
        EXPECT_EQ(difference(expected, granted(owner, "onceward_" + part)), "") << part;
    }
    EXPECT_EQ(granted(owner, "PUBLIC"), grants{"schema_version SELECT"});
}

TEST(GrantsTable, ShowsTheMonitorNoKeysPayloadsAndHeadersAndLetsItWriteNothing) {
    const auto of_monitor = documented().at("monitor");
    for (const auto& g : of_monitor) {
        EXPECT_TRUE(g.ends_with(" SELECT") || g == "schema USAGE") << g;
        for (const char* secret : {".payload", ".key", ".headers"})
            EXPECT_EQ(g.find(secret), std::string::npos) << g;
    }
    for (const char* whole :
         {"outbox SELECT", "inbox SELECT", "outbox_dead SELECT", "inbox_dead SELECT"})
        EXPECT_FALSE(documented().at("monitor").contains(whole)) << whole;
}

/// A statement that needs this privilege on this column and no other.
std::string statement(const std::string& privilege, const std::string& table,
                      const std::string& column) {
    if (privilege == "SELECT") return "SELECT " + column + " FROM " + table + " LIMIT 0";
    if (privilege == "INSERT") return "INSERT INTO " + table + " (" + column + ") VALUES (DEFAULT)";
    if (privilege == "UPDATE")
        return "UPDATE " + table + " SET " + column + " = DEFAULT WHERE false";
    if (privilege == "DELETE") return "DELETE FROM " + table + " WHERE false";
    return "TRUNCATE " + table;
}

/// Tries everything on one column; a table's privileges with its first one.
void try_all(pg::connection& session, const grants& allowed, const std::string& table,
             const std::string& column, bool first) {
    for (const std::string privilege : {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}) {
        const bool of_table = privilege == "DELETE" || privilege == "TRUNCATE";
        if (of_table && !first) continue;
        const bool may = allowed.contains(table + " " + privilege) ||
                         allowed.contains(table + "." + column + " " + privilege);
        const auto sql = statement(privilege, "onceward." + table, column);
        // What is allowed may fail by another rule, such as NOT NULL.
        EXPECT_EQ(test::sqlstate_of(session, sql) != "42501", may) << sql;
    }
}

// Goal: no role can do anything that the table does not say, on any table, column by column.
// Method: each runs every kind of statement on every column. Of partitions, one of each parent.
TEST(GrantsTable, IsWhatHappensWhenEachRoleTriesEverything) {
    const std::string database = test::migrated_database();
    auto owner = test::connect(database);
    const auto columns = owner.exec(
        "SELECT relname, attname, attnum = min(attnum) OVER (PARTITION BY attrelid) FROM pg_class "
        "c "
        "JOIN pg_attribute ON attrelid = c.oid WHERE relnamespace = 'onceward'::regnamespace "
        "AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped AND (NOT relispartition "
        "OR c.oid IN (SELECT min(inhrelid) FROM pg_inherits GROUP BY inhparent))");
    ASSERT_TRUE(columns);
    ASSERT_GT(columns->size(), 100);

    for (const std::string part : parts) {
        auto session = test::connect_as(database, "onceward_" + part);
        auto allowed = documented().at(part);
        allowed.insert("schema_version SELECT");
        for (int i = 0; i < columns->size(); ++i) {
            SCOPED_TRACE(part);
            try_all(session, allowed, std::string(columns->text(i, 0)),
                    std::string(columns->text(i, 1)), columns->boolean(i, 2));
        }
    }
}

std::vector<finding> missing(pg::connection& owner, const std::string& role,
                             const std::string& part) {
    return pg::check(owner, "grants", "onceward", {role, part});
}

// Goal: the check knows all grants, and the statements that it prints are right. Method: a role
// that has lost everything gets back, by the printed statements alone, what it had.
TEST(CheckGrants, PrintsTheStatementsThatBringBackWhatARoleHasLost) {
    auto owner = test::connect(test::migrated_database());
    for (const std::string part : parts) {
        const std::string role = "onceward_" + part;
        const auto before = granted(owner, role);
        EXPECT_TRUE(missing(owner, role, part).empty()) << missing(owner, role, part).front().what;
        for (const char* objects : {"ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA",
                                    "ALL FUNCTIONS IN SCHEMA", "SCHEMA"})
            value_of(owner, std::string("REVOKE ALL ON ") + objects + " onceward FROM " + role);
        ASSERT_TRUE(granted(owner, role).empty());

        for (const auto& f : missing(owner, role, part)) value_of(owner, f.remedy);

        EXPECT_EQ(difference(before, granted(owner, role)), "") << part;
    }
}

TEST(CheckGrants, TellsAUserWhichRoleToAskFor) {
    const std::string database = test::migrated_database();
    auto user = test::connect_as(database, "onceward_app");
    auto owner = test::connect(database);

    const auto found = pg::check(user, "grants", "onceward", {std::nullopt, "relay"});

    ASSERT_FALSE(found.empty());
    value_of(owner, found.front().remedy);
    EXPECT_TRUE(pg::check(user, "grants", "onceward", {std::nullopt, "relay"}).empty());
}

TEST(CheckGrants, MissesWhatSomebodyHasDropped) {
    auto owner = test::connect(test::migrated_database());
    value_of(owner, "DROP TABLE onceward.topic_pin");

    const auto found = missing(owner, "onceward_relay", "relay");

    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().what, "onceward.topic_pin is missing");
}

}  // namespace
}  // namespace onceward
