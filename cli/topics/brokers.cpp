#include "topics/brokers.hpp"

#include "exit_code.hpp"
#include "relay_settings.hpp"
#include "secrets.hpp"

namespace onceward::cli {

options::table broker_rows() {
    options::table rows;
    for (const auto& row : relay_rows()) {
        if (row.name == "brokers" || row.name == "kafka") rows.push_back(row);
    }
    return rows;
}

kafka::admin open_admin(const options::values& values) {
    if (values.text("brokers").empty()) {
        throw stop_with(exit_config,
                        "brokers is not set: give --brokers, ONCEWARD_BROKERS or, in the "
                        "configuration file, brokers");
    }
    auto made = kafka::admin::open(values.text("brokers"), read_endpoints(values).kafka);
    if (!made) throw stop_with(exit_config, made.error().message);
    return *std::move(made);
}

}  // namespace onceward::cli
