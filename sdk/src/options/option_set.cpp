#include "options/option_set.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "options/sections.hpp"

namespace onceward::options {

namespace {

constexpr std::size_t help_width = 52;  // beside the column of the flags, in 80 together

/// CLI11 indents lines but does not break them.
std::string wrapped(const std::string& text) {
    std::istringstream words(text);
    std::string out;
    std::size_t column = 0;
    for (std::string word; words >> word;) {
        if (column > 0) {
            const bool breaks = column + 1 + word.size() > help_width;
            out += breaks ? '\n' : ' ';
            column = breaks ? 0 : column + 1;
        }
        out += word;
        column += word.size();
    }
    return out;
}

std::string type_name(const option& o) {
    return o.type == kind::count ? "COUNT" : o.unit;
}

std::string named(origin from, const std::string& place) {
    if (from == origin::flag) return "the flag " + place;
    if (from == origin::environment) return "the environment variable " + place;
    return place;
}

}  // namespace

option_set::option_set(table rows) : rows_(std::move(rows)) {
    const std::string flaw = flaw_of(rows_);
    if (!flaw.empty()) throw std::logic_error("option table: " + flaw);
}

void option_set::add_flags(CLI::App& app) {
    for (const auto& o : rows_) {
        if (o.type == kind::sections) continue;
        const auto store = [this, name = o.name](const std::string& value) {
            flags_[name].push_back(value);
        };
        const bool repeats = o.type == kind::list || o.type == kind::properties;
        CLI::Option* flag = repeats ? app.add_option_function<std::vector<std::string>>(
                                             flag_name(o),
                                             [store](const std::vector<std::string>& all) {
                                                 for (const auto& v : all) store(v);
                                             })
                                          ->expected(1)
                                          ->take_all()
                                    : app.add_option_function<std::string>(flag_name(o), store);
        flag->type_name(type_name(o))->description(wrapped(describe(o)));
    }
}

/// What was written for an option, and where.
struct option_set::given {
    origin from = origin::fallback;
    std::string place = "default";
    std::vector<std::string> items{};
};

values option_set::resolve(const variables& env, const config_file& file) const {
    values all;
    for (const auto& o : rows_) {
        all.by_name_.emplace(o.name, o.type == kind::properties ? resolve_properties(o, env, file)
                                                                : resolve(o, env, file));
    }
    return all;
}

values option_set::resolve_section(const variables& env, const config_file& file,
                                   const setting& section) const {
    const auto seen = within(file, section);
    auto all = resolve(env, seen);
    for (const auto& s : seen.settings) {
        const auto* row = row_of(s.key, rows_);
        if (row == nullptr || !row->in_section) continue;
        const auto stronger = [&](origin from, const std::string& place) {
            if (from <= origin::file || value_in(file, section, s.key).empty()) return;
            throw bad_option(
                origin::file,
                fmt::format("{}: {} is set here and by {}, which wins for all of them; "
                            "remove one of the two.",
                            place_of(file, s), s.key, named(from, place)));
        };
        if (row->type != kind::properties) {
            stronger(all.from(s.key), all.place(s.key));
            continue;
        }
        for (const auto& [name, p] : all.properties(row->name)) {
            if (s.key == row->name + '.' + name) stronger(p.from, p.place);
        }
    }
    return all;
}

option_set::given option_set::strongest(const option& o, const variables& env,
                                        const config_file& file) const {
    if (o.type == kind::sections) return {};
    if (const auto flag = flags_.find(o.name); flag != flags_.end())
        return {origin::flag, flag_name(o), flag->second};
    if (o.is_argument) return {};
    if (const auto set = value_of(env, environment_name(o)); o.type != kind::list && !set.empty())
        return {origin::environment, environment_name(o), {set}};
    const auto in_file = std::ranges::find(file.settings, o.name, &setting::key);
    if (in_file == file.settings.end()) return {};
    return {origin::file, place_of(file, *in_file), in_file->items};
}

values::value option_set::resolve(const option& o, const variables& env,
                                  const config_file& file) const {
    values::value v{.number = o.fallback, .text = fallback_of(o)};
    const given g = strongest(o, env, file);
    if (g.from == origin::fallback) return v;
    v.from = g.from;
    v.place = g.place;
    if (o.type == kind::list) v.list = g.items;
    v.text = g.items.empty() ? "" : g.items.back();
    const auto number = parse(o, v.text);
    if (!number) {
        throw bad_option(v.from, fmt::format("{} from {}: '{}' {}.", o.name, named(v.from, g.place),
                                             v.text, number.error().message));
    }
    v.number = *number;
    if (is_number(o.type)) v.text = to_text(o.type, v.number);
    return v;
}

values::value option_set::resolve_properties(const option& o, const variables& env,
                                             const config_file& file) const {
    values::value v;
    const auto take = [&v](std::string_view name, property p) {
        const origin from = p.from;
        v.from = std::max(v.from, from);
        const std::string problem = put(v.properties, name, std::move(p));
        if (!problem.empty()) throw bad_option(from, problem + ".");
    };
    const auto flags = flags_.find(o.name);
    for (const auto& f : flags == flags_.end() ? std::vector<std::string>{} : flags->second) {
        const auto equals = f.find('=');
        if (equals == std::string::npos || equals == 0)
            throw bad_option(origin::flag,
                             fmt::format("{} '{}' is not property=value.", flag_name(o), f));
        take(f.substr(0, equals),
             {.value = f.substr(equals + 1), .from = origin::flag, .place = flag_name(o)});
    }
    for (const auto& [variable, value] : env) {
        const std::string name = property_of(variable, environment_name(o) + "_");
        if (!name.empty())
            take(name, {.value = value, .from = origin::environment, .place = variable});
    }
    for (const auto& s : file.settings) {
        if (!s.key.starts_with(o.name + '.') || s.items.empty()) continue;
        take(s.key.substr(o.name.size() + 1),
             {.value = s.items.back(), .from = origin::file, .place = place_of(file, s)});
    }
    return v;
}

}  // namespace onceward::options
