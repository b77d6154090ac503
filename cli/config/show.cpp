#include "config/show.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "conninfo.hpp"

namespace onceward::cli {

namespace {

using options::kind;
using options::origin;

/// One line of what is shown.
struct shown {
    std::string key;
    nlohmann::ordered_json value;
    origin from;
    std::string place;
};

std::string_view name_of(origin o) {
    switch (o) {
        case origin::fallback:
            return "default";
        case origin::file:
            return "file";
        case origin::environment:
            return "environment";
        case origin::flag:
            return "flag";
    }
    return "";
}

shown shown_property(const std::string& row, const std::string& name, const options::property& p) {
    const bool hidden = options::is_secret(name) && !p.in_file;
    return {.key = row + '.' + name + (p.in_file ? "_file" : ""),
            .value = hidden ? "********" : p.value,
            .from = p.from,
            .place = p.place};
}

std::vector<shown> all_of(const options::table& rows, const options::values& values) {
    std::vector<shown> all;
    for (const auto& row : rows) {
        if (row.type == kind::sections) continue;
        if (row.type == kind::properties) {
            for (const auto& [name, p] : values.properties(row.name))
                all.push_back(shown_property(row.name, name, p));
            continue;
        }
        nlohmann::ordered_json value = values.text(row.name);
        if (row.type == kind::list) value = values.list(row.name);
        if (row.type == kind::count) value = values.number(row.name);
        if (options::is_number(row.type) && row.type != kind::count)
            value = options::to_text(row.type, values.number(row.name));
        if (row.holds_secret) value = masked(values.text(row.name));
        all.push_back({row.name, value, values.from(row.name), values.place(row.name)});
    }
    return all;
}

options::table rows_of_section(const options::table& rows) {
    options::table some;
    std::ranges::copy_if(rows, std::back_inserter(some), &options::option::in_section);
    return some;
}

/// @param first, rest  What stands before the first line, and before the others.
std::string lines(const std::vector<shown>& all, bool origin, std::string_view first,
                  std::string_view rest) {
    std::string out;
    for (const auto& s : all) {
        // A JSON text is a YAML text too.
        const std::string line =
            fmt::format("{}{}: {}", out.empty() ? first : rest, s.key, s.value.dump());
        out += origin ? fmt::format("{:<48} # {}\n", line, s.place) : line + '\n';
    }
    return out;
}

nlohmann::ordered_json json_of(const std::vector<shown>& all) {
    auto out = nlohmann::ordered_json::object();
    for (const auto& s : all)
        out[s.key] = {{"value", s.value}, {"origin", name_of(s.from)}, {"place", s.place}};
    return out;
}

}  // namespace

std::string show_yaml(const options::table& rows, const options::values& values, bool origin) {
    std::string out = lines(all_of(rows, values), origin, "", "");
    if (!values.sections.empty()) out += "outboxes:\n";
    for (const auto& s : values.sections)
        out += lines(all_of(rows_of_section(rows), s), origin, "  - ", "    ");
    return out;
}

std::string show_json(const options::table& rows, const options::values& values) {
    auto out = json_of(all_of(rows, values));
    for (const auto& s : values.sections)
        out["outboxes"].push_back(json_of(all_of(rows_of_section(rows), s)));
    return out.dump(2) + '\n';
}

}  // namespace onceward::cli
