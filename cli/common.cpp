#include "common.hpp"

#include <fmt/format.h>

#include "exit_code.hpp"
#include "secrets.hpp"

namespace onceward::cli {

options::table joined(options::table first, const options::table& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

options::table connection_rows() {
    auto rows = options::of_sections(
        {options::restart_only(options::secret(options::text(
             "database", "URI", "",
             "libpq URI, key=value string or service=NAME. Empty: the PG* variables, as psql does. "
             "A password belongs into ONCEWARD_DATABASE, PGPASSWORD, a passfile or "
             "database-password-file, not on the command line."))),
         options::text(
             "database-password-file", "FILE", "",
             "A file with the database's password and nothing else: an absolute path, or "
             "$CREDENTIALS_DIRECTORY/NAME for a systemd credential. Read at the start and "
             "at each reload."),
         options::restart_only(options::text("schema", "NAME", "onceward",
                                             "The schema that holds outbox and inbox."))});
    rows.push_back(options::argument(options::text(
        "outbox", "NAME", "", "Of the outboxes in the configuration file, the one of this name.")));
    return rows;
}

options::table log_rows() {
    return {
        options::choice("log-format", "auto|text|json", "auto",
                        "How the log on stderr is written: text for people, a JSON object a line "
                        "for machines, or by whether stderr is a terminal."),
        options::choice("log-level", "debug|info|warning|error", "info",
                        "The least important lines that are still written.")};
}

log_settings log_settings_of(const options::values& values) {
    const std::string& format = values.text("log-format");
    const std::string& name = values.text("log-level");
    log_settings wanted;
    for (const auto l :
         {log::level::debug, log::level::info, log::level::warning, log::level::error}) {
        if (name == log::to_string(l)) wanted.least = l;
    }
    if (format == "json") wanted.format = log::format::json;
    if (format == "text") wanted.format = log::format::text;
    return wanted;
}

std::string schema_of(const options::values& values) {
    try {
        return pg::checked_identifier(values.text("schema"));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, std::string("schema: ") + e.what());
    }
}

pg::connection connect(const options::values& values, int timeout_s) {
    const auto to = read_endpoints(values);
    for (const auto& w : to.warnings) fmt::print(stderr, "onceward: warning: {}.\n", w);
    auto c =
        pg::connection::open(to.database, {{"statement_timeout", fmt::format("{}s", timeout_s)}});
    if (c) return *std::move(c);
    throw stop_with(
        exit_unavailable,
        c.error().message + "\nCheck --database, ONCEWARD_DATABASE or the PG* variables.");
}

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace onceward::cli
