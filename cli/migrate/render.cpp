#include "migrate/render.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace onceward::cli {

namespace {

nlohmann::ordered_json json_of(const std::vector<pg::migration>& all) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& m : all) {
        list.push_back({{"version", m.version},
                        {"name", m.name},
                        {"state", to_string(m.state)},
                        {"applied_at", m.applied_at},
                        {"applied_by", m.applied_by}});
    }
    return list;
}

/// What a person should know about a state that is not the usual one.
std::string_view remark(pg::migration_state s) {
    switch (s) {
        case pg::migration_state::changed:
            return "  <- its file was edited after it was applied: restore the file";
        case pg::migration_state::unknown:
            return "  <- of a newer program";
        case pg::migration_state::pending:
        case pg::migration_state::applied:
            return "";
    }
    return "";
}

}  // namespace

std::string migrations_json(const migrate_report& r) {
    nlohmann::ordered_json out{{"required_version", pg::required_schema_version()},
                               {"migrations", json_of(r.all)}};
    if (!r.changes_name.empty()) out[r.changes_name] = json_of(r.changes);
    if (!r.losses.empty()) out["losses"] = r.losses;
    return out.dump(2) + "\n";
}

std::string migrations_text(const std::vector<pg::migration>& all) {
    std::string out;
    for (const auto& m : all) {
        out += fmt::format("{:04} {:<16} {:<8} {} {}{}\n", m.version, m.name, to_string(m.state),
                           m.applied_at, m.applied_by, remark(m.state));
    }
    return out;
}

std::string changes_text(const migrate_report& r, const std::string& verb) {
    std::string out;
    for (const auto& m : r.changes) out += fmt::format("{} {:04}_{}\n", verb, m.version, m.name);
    for (const auto& l : r.losses) out += fmt::format("LOST {}\n", l);
    if (!r.changes.empty()) return out;
    int version = 0;
    for (const auto& m : r.all)
        if (m.state != pg::migration_state::pending) version = m.version;
    return out + fmt::format("nothing to do: the schema has version {}\n", version);
}

}  // namespace onceward::cli
