#include "config/example.hpp"

#include <sstream>

#include <fmt/format.h>

namespace onceward::cli {

namespace {

constexpr std::size_t width = 92;

constexpr const char* heading =
    "# Onceward. `onceward config check --config FILE` says whether this file is right,\n"
    "# `onceward config show --origin` what is in force. Flags win over environment variables, "
    "they\n"
    "# over this file. Lines that begin with #- show the default; take #- away to change it.\n";

std::string commented(const std::string& text) {
    std::istringstream words(text);
    std::string out = "#";
    std::size_t column = 1;
    for (std::string word; words >> word;) {
        if (column + 1 + word.size() > width) {
            out += "\n#";
            column = 1;
        }
        out += ' ' + word;
        column += 1 + word.size();
    }
    return out + '\n';
}

/// The lines that set the row.
std::string setting_of(const options::option& row) {
    if (row.name == "brokers") return "brokers: localhost:9092\n";
    if (row.name == "database") return "database: postgresql://localhost/app\n";
    if (row.type == options::kind::properties) {
        return fmt::format("{}:\n#-  linger.ms: 5\n#-  compression.type: lz4\n", row.name);
    }
    return fmt::format("#-{}: {}\n", row.name, written_default(row));
}

}  // namespace

std::string example_yaml(const described_commands& all) {
    std::string out = heading;
    for (const auto& row : rows_of_file(all)) {
        out += fmt::format("\n{}# Of {}.{}\n{}", commented(options::describe(row)),
                           fmt::join(readers_of(row, all), ", "),
                           row.needs_restart ? " Only a restart of the relay changes it." : "",
                           setting_of(row));
    }
    return out;
}

}  // namespace onceward::cli
