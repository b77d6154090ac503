#include "configuration.hpp"

#include <algorithm>
#include <filesystem>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "conninfo.hpp"
#include "options/property.hpp"
#include "options/sections.hpp"
#include "options/text_file.hpp"

namespace onceward::cli {

namespace {

using options::bad_option;
using options::origin;

constexpr std::size_t config_bytes_max = 1 << 20;

/// Whether a password stands in the file itself.
bool holds_secret(const options::config_file& file, const options::table& known) {
    return std::ranges::any_of(file.settings, [&](const options::setting& s) {
        const auto* row = options::row_of(s.key, known);
        if (row == nullptr || s.items.empty()) return false;
        if (row->holds_secret) return holds_password(s.items.front());
        return row->type == options::kind::properties && options::is_secret(s.key) &&
               !s.key.ends_with("_file");
    });
}

void refuse_if_wrong(const options::config_file& file, const options::table& known) {
    const auto problems = options::problems_in(file, known);
    if (!problems.empty())
        throw bad_option(origin::file, fmt::format("{}", fmt::join(problems, "\n")));
}

constexpr const char* outboxes = "outboxes";

std::string names_of(const options::config_file& file,
                     const std::vector<options::setting>& sections) {
    std::vector<std::string> names;
    for (const auto& s : sections) names.push_back(options::value_in(file, s, "name"));
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The section that the command line names.
const options::setting& named(const std::string& name, const options::config_file& file,
                              const std::vector<options::setting>& sections) {
    for (const auto& s : sections) {
        if (options::value_in(file, s, "name") == name) return s;
    }
    throw bad_option(origin::flag,
                     sections.empty()
                         ? "--outbox names one of the outboxes in the configuration file, but "
                           "there are none"
                         : fmt::format("--outbox {}: the outboxes in {} are {}", name, file.name,
                                       names_of(file, sections)));
}

/// The values with those of the file's outboxes, of which a command looks at one and the relay
/// serves all.
options::values resolved(const options::option_set& set, const options::variables& env,
                         const options::config_file& file) {
    auto values = set.resolve(env, file);
    const auto sections = options::sections_of(file, outboxes);
    if (values.has("outbox") && !values.text("outbox").empty())
        return set.resolve_section(env, file, named(values.text("outbox"), file, sections));
    if (values.has(outboxes)) {
        for (const auto& s : sections) values.sections.push_back(set.resolve_section(env, file, s));
    } else if (!sections.empty() && values.has("outbox") &&
               values.from("database") <= origin::file) {
        throw bad_option(origin::flag,
                         fmt::format("{} has several outboxes: say which one by --outbox, of {}",
                                     file.name, names_of(file, sections)));
    }
    return values;
}

}  // namespace

std::string config_path(const std::string& flag, const std::string& variable,
                        const std::function<bool(const std::string&)>& exists) {
    if (!flag.empty()) return flag;
    if (!variable.empty()) return variable;
    return exists(usual_config_file) ? usual_config_file : "";
}

void configuration::add_flag(CLI::App& app) {
    app.add_option("--config", flag_)
        ->type_name("FILE")
        ->description(fmt::format("A YAML file with values for these options; - is\n"
                                  "standard input. Else ONCEWARD_CONFIG, else\n{}.",
                                  usual_config_file));
}

options::config_file configuration::read_file(const options::variables& env) {
    const std::string path =
        config_path(flag_, options::value_of(env, "ONCEWARD_CONFIG"), [](const std::string& p) {
            std::error_code ignored;
            return std::filesystem::exists(p, ignored);
        });
    if (path.empty()) return {};
    const origin asked_by = flag_.empty() ? origin::file : origin::flag;
    if (path == "-" && std::exchange(stdin_taken_, true)) {
        throw bad_option(asked_by,
                         "the configuration came from standard input, which cannot be read again");
    }
    const auto file = options::read_text_file(path, config_bytes_max);
    if (!file) throw bad_option(asked_by, "the configuration: " + file.error().message);
    others_may_read_ = S_ISREG(file->mode) && (file->mode & S_IROTH) != 0;
    return options::parse_config(path == "-" ? "stdin" : path, file->text);
}

options::values configuration::read(const options::option_set& set, const options::table& known) {
    const auto env = options::process_environment();
    const auto file = read_file(env);
    refuse_if_wrong(file, known);
    auto values = resolved(set, env, file);
    values.warnings = options::unknown_variables(env, known);
    if (others_may_read_ && holds_secret(file, known)) {
        values.warnings.push_back(fmt::format(
            "everybody on this machine may read the secret in {}; chmod o-r it, or move the secret "
            "to a file of its own",
            file.name));
    }
    return values;
}

}  // namespace onceward::cli
