#include "dev_guide.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common.hpp"

namespace onceward::cli {

std::string guide_text(const dev_address& a) {
    std::string out =
        "PostgreSQL runs, private to this command, migrated; all of it is deleted at the end.\n";
    for (const auto& [name, conninfo] : a.databases) {
        out += fmt::format("  psql {}\n", shell_quoted(conninfo));
    }
    out += fmt::format("  psql {}   # by TCP\n", shell_quoted(a.tcp));
    out += fmt::format("  its log: {}\n", a.log_file);
    out += a.embedded_broker
               ? fmt::format(
                     "Kafka: a broker in memory at {}. It keeps about 5 MiB a partition and has "
                     "no transactions.\n",
                     a.brokers)
               : fmt::format("Kafka: {}\n", a.brokers);
    out += fmt::format("\nexport ONCEWARD_DATABASE={}\nexport ONCEWARD_BROKERS={}\n\n",
                       shell_quoted(a.databases.front().second), shell_quoted(a.brokers));
    return out + "Ready. Ctrl-C stops everything.\n";
}

std::string guide_json(const dev_address& a) {
    auto databases = nlohmann::ordered_json::object();
    for (const auto& [name, conninfo] : a.databases) databases[name] = conninfo;
    const nlohmann::ordered_json out{{"brokers", a.brokers},
                                     {"databases", databases},
                                     {"pid", a.pid},
                                     {"tcp", a.tcp},
                                     {"embedded_broker", a.embedded_broker},
                                     {"log_file", a.log_file}};
    return out.dump(2) + "\n";
}

}  // namespace onceward::cli
