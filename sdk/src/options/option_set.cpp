#include "options/option_set.hpp"

#include <cstdlib>
#include <sstream>

#include <CLI/App.hpp>
#include <fmt/format.h>

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

}  // namespace

const values::value& values::at(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) throw std::out_of_range("no option " + std::string(name));
    return found->second;
}

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

option_set::option_set(table rows) : rows_(std::move(rows)) {
    const std::string flaw = flaw_of(rows_);
    if (!flaw.empty()) throw std::logic_error("option table: " + flaw);
}

void option_set::add_flags(CLI::App& app) {
    for (const auto& o : rows_) {
        const auto store = [this, name = o.name](const std::string& value) {
            flags_[name].push_back(value);
        };
        CLI::Option* flag = o.type == kind::list
                                ? app.add_option_function<std::vector<std::string>>(
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

values option_set::resolve(const environment& env) const {
    values all;
    for (const auto& o : rows_) all.by_name_.emplace(o.name, resolve(o, env));
    return all;
}

values::value option_set::resolve(const option& o, const environment& env) const {
    values::value v{.number = o.fallback, .text = o.fallback_text};
    std::string source;
    if (const auto flag = flags_.find(o.name); flag != flags_.end()) {
        v.list = flag->second;
        v.text = flag->second.back();
        v.from = origin::flag;
        source = flag_name(o);
    } else if (o.type != kind::list) {
        source = environment_name(o);
        if (auto set = env(source); set && !set->empty()) {
            v.text = *set;
            v.from = origin::environment;
        }
    }
    if (v.from == origin::fallback) return v;
    const auto number = parse(o, v.text);
    if (!number) {
        throw bad_option(
            v.from, fmt::format("{} from {}{}: '{}' {}.", o.name,
                                v.from == origin::flag ? "the flag " : "the environment variable ",
                                source, v.text, number.error().message));
    }
    v.number = *number;
    return v;
}

}  // namespace onceward::options
