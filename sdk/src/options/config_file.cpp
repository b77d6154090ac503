#include "options/config_file.hpp"

#include <map>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "options/sections.hpp"
#include "options/suggest.hpp"
#include "options/values.hpp"

namespace onceward::options {

namespace {

constexpr int depth_max = 8;
constexpr std::size_t settings_max = 10'000;  // a few aliases can stand for billions

std::string place(const std::string& file, int line, int column) {
    return fmt::format("{}:{}:{}", file, line, column);
}

/// Walks the maps of a document; nothing but maps, lists of words and words is allowed.
class flattener {
public:
    explicit flattener(config_file& into) : file_(into) {}

    void walk(const YAML::Node& map, const std::string& prefix, int depth) {
        for (const auto& entry : map) {
            const auto at = entry.first.Mark();
            if (!entry.first.IsScalar()) refuse(at, "a key must be a word");
            if (depth >= depth_max) refuse(at, "is nested too deeply");
            take(prefix + entry.first.Scalar(), at, entry.second, depth);
        }
    }

private:
    void take(const std::string& key, const YAML::Mark& at, const YAML::Node& value, int depth) {
        if (value.IsMap() && value.size() > 0) return walk(value, key + '.', depth + 1);
        if (value.IsSequence() && value.size() > 0 && value[0].IsMap())
            return take_sections(key, value, depth);
        setting s{.key = key, .line = at.line + 1, .column = at.column + 1};
        if (value.IsScalar()) s.items.push_back(value.Scalar());
        if (value.IsSequence()) {
            s.is_list = true;
            for (const auto& item : value) {
                if (!item.IsScalar()) refuse(item.Mark(), key + " must be a list of words");
                s.items.push_back(item.Scalar());
            }
        }
        add(at, std::move(s));
    }

    /// A list of maps: each has a setting that stands for it, and its keys come behind that.
    void take_sections(const std::string& key, const YAML::Node& list, int depth) {
        int number = 0;
        for (const auto& map : list) {
            const auto at = map.Mark();
            const std::string name = fmt::format("{}[{}]", key, number++);
            if (!map.IsMap()) refuse(at, key + " must be a list of maps");
            if (depth >= 1) refuse(at, "a list of maps may stand at the top only");
            add(at, {.key = name, .line = at.line + 1, .column = at.column + 1});
            walk(map, name + '.', depth + 1);
        }
    }

    void add(const YAML::Mark& at, setting s) {
        const auto [first, fresh] = seen_.emplace(s.key, place_of(file_, s));
        if (file_.settings.size() >= settings_max) refuse(at, "the file has too many keys");
        if (!fresh) refuse(at, fmt::format("{} is given already in {}", s.key, first->second));
        file_.settings.push_back(std::move(s));
    }

    [[noreturn]] void refuse(const YAML::Mark& at, const std::string& what) const {
        throw bad_option(
            origin::file,
            fmt::format("{}: {}.", place(file_.name, at.line + 1, at.column + 1), what));
    }

    config_file& file_;
    std::map<std::string, std::string> seen_;  // places by key
};

std::vector<std::string> names_of(const table& rows, bool of_section) {
    std::vector<std::string> names;
    for (const auto& o : rows) {
        if (o.in_section || !of_section) names.push_back(o.name);
    }
    return names;
}

/// What is wrong with a key that no row knows.
std::string problem_with_key(const setting& s, const table& rows) {
    const auto parts = split(s.key);
    const bool is_listed = !parts.list.empty() && row_of(parts.section, rows) != nullptr;
    if (!is_listed) return "there is no such option" + did_you_mean(s.key, names_of(rows, false));
    if (row_of(parts.key, rows) != nullptr)
        return "is for the whole process: move it to the top of the file";
    return "there is no such option" + did_you_mean(parts.key, names_of(rows, true));
}

/// Of a list of maps: whatever is no list of maps.
std::string problem_with_sections(const option& o, const setting& s) {
    if (!split(s.key).list.empty() || (s.is_list && s.items.empty())) return "";
    return fmt::format("must be a list of maps, such as {}: [{{name: shop}}, {{name: billing}}]",
                       o.name);
}

std::string problem_with_scalar(const option& o, const setting& s) {
    if (s.is_list) return "is a list, but takes one value";
    if (s.items.empty()) return "has no value; give one or remove the line";
    const auto number = parse(o, s.items.front());
    return number ? "" : fmt::format("'{}' {}", s.items.front(), number.error().message);
}

std::string problem_with_properties(const option& o, const setting& s) {
    if (s.key.ends_with(o.name)) {
        return s.items.empty()
                   ? ""
                   : fmt::format("takes names and values, such as {}: {{linger.ms: 5}}", o.name);
    }
    if (s.is_list || s.items.empty()) return "takes one value";
    return "";
}

std::string problem_with(const setting& s, const table& rows) {
    const option* o = row_of(s.key, rows);
    if (o == nullptr) return problem_with_key(s, rows);
    if (o->type == kind::sections) return problem_with_sections(*o, s);
    if (o->type == kind::properties) return problem_with_properties(*o, s);
    if (o->type != kind::list) return problem_with_scalar(*o, s);
    return s.items.empty() ? "has no value; give one or remove the line" : "";
}

}  // namespace

std::string place_of(const config_file& file, const setting& s) {
    return place(file.name, s.line, s.column);
}

config_file parse_config(std::string name, const std::string& text) {
    config_file file{.name = std::move(name)};
    try {
        const auto documents = YAML::LoadAll(text);
        if (documents.empty() || documents.front().IsNull()) return file;
        if (documents.size() > 1 || !documents.front().IsMap()) {
            throw bad_option(origin::file,
                             file.name + ": must be one YAML map of options and values.");
        }
        flattener(file).walk(documents.front(), "", 0);
    } catch (const YAML::Exception& e) {
        throw bad_option(origin::file,
                         fmt::format("{}: is no YAML: {}.",
                                     place(file.name, e.mark.line + 1, e.mark.column + 1), e.msg));
    }
    return file;
}

const option* row_of(std::string_view key, const table& rows) {
    const auto parts = split(key);
    if (!parts.list.empty()) {
        const auto* list = row_of(parts.list, rows);
        if (list == nullptr || list->type != kind::sections || parts.key.empty())
            return list != nullptr && list->type == kind::sections ? list : nullptr;
        const auto* row = row_of(parts.key, rows);
        return row != nullptr && row->in_section ? row : nullptr;
    }
    for (const auto& o : rows) {
        if (o.is_argument) continue;
        if (key == o.name) return &o;
        const bool below =
            key.size() > o.name.size() + 1 && key.starts_with(o.name) && key[o.name.size()] == '.';
        if (o.type == kind::properties && below) return &o;
    }
    return nullptr;
}

std::vector<std::string> problems_in(const config_file& file, const table& rows) {
    std::vector<std::string> found;
    for (const auto& s : file.settings) {
        const std::string problem = problem_with(s, rows);
        if (!problem.empty())
            found.push_back(fmt::format("{}: {}: {}", place_of(file, s), s.key, problem));
    }
    return found;
}

}  // namespace onceward::options
