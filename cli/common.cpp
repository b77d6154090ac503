#include "common.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include "exit_code.hpp"

namespace onceward::cli {

options::table joined(options::table first, const options::table& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

options::table connection_rows() {
    return {
        options::text("database", "URI", "",
                      "libpq URI or key=value string. Empty: the PG* variables, as psql does. A "
                      "password belongs into ONCEWARD_DATABASE, PGPASSWORD or a passfile, not on "
                      "the command line."),
        options::text("schema", "NAME", "onceward", "The schema that holds outbox and inbox.")};
}

options::table log_rows() {
    return {
        options::choice("log-format", "auto|text|json", "auto",
                        "How the log on stderr is written: text for people, a JSON object a line "
                        "for machines, or by whether stderr is a terminal."),
        options::choice("log-level", "debug|info|warning|error", "info",
                        "The least important lines that are still written.")};
}

std::unique_ptr<log::logger> make_logger(const options::values& values) {
    const std::string& format = values.text("log-format");
    const std::string& name = values.text("log-level");
    auto least = log::level::info;
    for (const auto l :
         {log::level::debug, log::level::info, log::level::warning, log::level::error}) {
        if (name == log::to_string(l)) least = l;
    }
    return std::make_unique<log::logger>(format == "json"   ? log::format::json
                                         : format == "text" ? log::format::text
                                                            : log::format::automatic,
                                         least);
}

bool holds_password(const std::string& conninfo) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, pg::destroy_with<&PQconninfoFree>> parsed(
        PQconninfoParse(conninfo.c_str(), &error));
    const std::unique_ptr<char, pg::destroy_with<&PQfreemem>> owner(error);
    for (const auto* o = parsed.get(); o != nullptr && o->keyword != nullptr; ++o) {
        const bool secret = std::string_view(o->keyword) == "password";
        if (secret && o->val != nullptr && *o->val != '\0') return true;
    }
    return false;
}

std::string password_warning(const options::values& values) {
    const bool shown =
        values.from("database") == options::origin::flag && holds_password(values.text("database"));
    return shown
               ? "--database holds a password, which other users of this machine can read in the "
                 "list of processes; give it in ONCEWARD_DATABASE, PGPASSWORD or a passfile instead"
               : "";
}

std::string schema_of(const options::values& values) {
    try {
        return pg::checked_identifier(values.text("schema"));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, std::string("schema: ") + e.what());
    }
}

pg::connection connect(const options::values& values, int timeout_s) {
    const std::string warning = password_warning(values);
    if (!warning.empty()) fmt::print(stderr, "onceward: warning: {}.\n", warning);
    auto c = pg::connection::open(values.text("database"),
                                  fmt::format("SET statement_timeout = '{}s'", timeout_s));
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
