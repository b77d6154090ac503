#include "secrets.hpp"

#include <fmt/format.h>

#include "conninfo.hpp"
#include "exit_code.hpp"
#include "options/secret_file.hpp"

namespace onceward::cli {

namespace {

using options::origin;

/// The secret in a file that the option `name` from `place` names.
std::string read(const std::string& file, const std::string& name, const std::string& place,
                 const options::variables& env, std::vector<std::string>& warnings) {
    auto secret = options::read_secret(file, env);
    if (!secret) {
        throw stop_with(exit_config,
                        fmt::format("{} from {}: {}", name, place, secret.error().message));
    }
    if (!secret->warning.empty()) warnings.push_back(secret->warning);
    return std::move(secret->value);
}

std::string database_of(const options::values& values, const options::variables& env,
                        std::vector<std::string>& warnings) {
    const std::string& conninfo = values.text("database");
    if (values.from("database") == origin::flag && holds_password(conninfo)) {
        warnings.emplace_back(
            "--database holds a password, which other users of this machine can read in the list "
            "of processes; give it in ONCEWARD_DATABASE, PGPASSWORD, a passfile or "
            "--database-password-file instead");
    }
    constexpr const char* name = "database-password-file";
    if (values.text(name).empty()) return conninfo;
    return with_password(conninfo,
                         read(values.text(name), name, values.place(name), env, warnings));
}

std::string property_value(const std::string& name, const options::property& p,
                           const options::variables& env, std::vector<std::string>& warnings) {
    if (p.in_file) return read(p.value, name + "_file", p.place, env, warnings);
    if (p.from == origin::flag && options::is_secret(name)) {
        warnings.push_back(fmt::format(
            "{} is a secret on the command line, where other users of this machine can read it; "
            "give {}_file or an ONCEWARD_KAFKA_* variable instead",
            name, name));
    }
    return p.value;
}

}  // namespace

endpoints read_endpoints(const options::values& values, const options::variables& env) {
    endpoints e;
    e.database = database_of(values, env, e.warnings);
    if (!values.has("kafka")) return e;
    for (const auto& [name, p] : values.properties("kafka"))
        e.kafka[name] = property_value(name, p, env, e.warnings);
    return e;
}

}  // namespace onceward::cli
