// sql/README.md has a table of all functions with the SQLSTATEs that they raise. Here it is
// compared with the catalog, both ways.

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace onceward {
namespace {

/// A function, and the SQLSTATEs of its own exceptions.
using functions = std::map<std::string, std::set<std::string>>;

functions documented() {
    std::ifstream in(std::string(ONCEWARD_SQL_DIR) + "/README.md");
    const std::regex row(R"(\| `(\w+)\([^)]*\)` \|[^|]*\|[^|]*\|([^|]*)\|)");
    const std::regex code("`([0-9A-Z]{5})`");
    functions all;
    std::smatch found;
    for (std::string line; std::getline(in, line);) {
        if (!std::regex_match(line, found, row)) continue;
        auto& codes = all[found[1]];
        const std::string raises = found[2];
        for (std::sregex_iterator c(raises.begin(), raises.end(), code), end; c != end; ++c)
            codes.insert((*c)[1]);
    }
    return all;
}

/// The code of a condition name, as the server knows it.
std::string sqlstate_of_condition(pg::connection& c, const std::string& name) {
    if (name.empty()) return "P0001";
    return test::sqlstate_of(
        c, "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" + name + "'; END $$");
}

functions in_catalog(pg::connection& c) {
    const auto r =
        c.exec("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'onceward'::regnamespace");
    const std::regex raise("RAISE EXCEPTION[^;]*;");
    const std::regex condition("ERRCODE = '(\\w+)'");
    functions all;
    for (int i = 0; r && i < r->size(); ++i) {
        auto& codes = all[std::string(r->text(i, 0))];
        const std::string body(r->text(i, 1));
        for (std::sregex_iterator at(body.begin(), body.end(), raise), end; at != end; ++at) {
            const std::string statement = at->str();
            std::smatch named;
            std::regex_search(statement, named, condition);
            codes.insert(sqlstate_of_condition(c, named.empty() ? "" : named[1].str()));
        }
    }
    return all;
}

TEST(FunctionsTable, NamesAllFunctionsAndWhatTheyRaise) {
    auto owner = test::connect(test::migrated_database());

    EXPECT_EQ(documented(), in_catalog(owner));
}

}  // namespace
}  // namespace onceward
