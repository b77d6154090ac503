#include "config/described.hpp"

#include <algorithm>
#include <stdexcept>

namespace onceward::cli {

options::table rows_of_file(const described_commands& all) {
    options::table rows;
    for (const auto& command : all) {
        if (!command.reads_file) continue;
        for (const auto& row : command.rows) {
            if (row.is_argument) continue;
            const auto there = std::ranges::find(rows, row.name, &options::option::name);
            if (there == rows.end()) {
                rows.push_back(row);
            } else if (options::describe(*there) != options::describe(row)) {
                throw std::logic_error("two commands have an option " + row.name +
                                       " and disagree about it");
            }
        }
    }
    return rows;
}

std::vector<std::string> readers_of(const options::option& row, const described_commands& all) {
    std::vector<std::string> names;
    for (const auto& command : all) {
        const bool has = std::ranges::any_of(
            command.rows, [&](const auto& o) { return o.name == row.name && !o.is_argument; });
        if (command.reads_file && has) names.push_back(command.name);
    }
    return names;
}

std::string written_default(const options::option& row) {
    if (row.type == options::kind::list || row.type == options::kind::sections) return "[]";
    if (row.type == options::kind::properties) return "{}";
    const std::string text = options::fallback_of(row);
    return text.empty() ? "''" : text;
}

}  // namespace onceward::cli
