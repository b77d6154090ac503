#include "config/document.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"

namespace onceward::cli {

namespace {

using options::kind;

/// Text in a cell of a table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

std::string code(const std::string& text) {
    return text.empty() ? "" : '`' + cell(text) + '`';
}

std::string what_is_allowed(const options::option& row) {
    if (options::is_number(row.type) || row.type == kind::choice) return options::allowed(row);
    return cell(row.unit);
}

std::string repeated(const options::option& row) {
    const bool repeats = row.type == kind::list || row.type == kind::properties;
    return repeats ? " May be repeated." : "";
}

std::string restart(const options::option& row, const described_command& of) {
    return row.needs_restart && of.name == "relay" ? " Only a restart changes it." : "";
}

std::string rows_of(const described_command& command, const options::table& rows) {
    std::string out = "| option | default | allowed | effect |\n| --- | --- | --- | --- |\n";
    for (const auto& row : rows) {
        out += fmt::format("| {} | {} | {} | {}{}{} |\n", code(row.name),
                           code(options::fallback_of(row)), what_is_allowed(row), cell(row.effect),
                           repeated(row), restart(row, command));
    }
    return out;
}

/// Lines of a list, and the empty line behind it.
std::string words_of(const described_command& command) {
    std::string out;
    for (const auto& s : command.subcommands)
        out += fmt::format("- `onceward {}`: {}\n", s.name, s.effect);
    for (const auto& s : command.switches)
        out += fmt::format("- `{}` of `onceward {}`: {}\n", s.name, s.of, s.effect);
    return out.empty() ? out : out + '\n';
}

std::string command_section(const described_command& command) {
    std::string out = fmt::format("### onceward {}\n\n{}\n\n", command.name, command.summary);
    if (!command.reads_file) out += "Reads no configuration file.\n\n";
    out += words_of(command);
    if (!command.rows.empty()) out += rows_of(command, command.rows) + '\n';
    return out;
}

std::string exit_code_section() {
    std::string out = "## Exit codes\n\n| code | meaning |\n| --- | --- |\n";
    for (const auto& e : exit_codes) out += fmt::format("| {} | {} |\n", int{e.code}, e.meaning);
    return out;
}

}  // namespace

std::string document(const described_commands& all) {
    std::string out;
    for (const auto& command : all) out += command_section(command);
    return out + exit_code_section();
}

std::string document_json(const described_commands& all) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& command : all) {
        for (const auto& row : command.rows) {
            const bool in_file = command.reads_file && !row.is_argument;
            const bool in_environment =
                !row.is_argument && row.type != kind::list && row.type != kind::sections;
            out.push_back({{"command", command.name},
                           {"name", row.name},
                           {"default", options::fallback_of(row)},
                           {"allowed", options::allowed(row)},
                           {"file", in_file},
                           {"environment", in_environment ? options::environment_name(row) : ""},
                           {"needs_restart", row.needs_restart}});
        }
    }
    return out.dump(2) + '\n';
}

}  // namespace onceward::cli
