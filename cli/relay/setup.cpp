#include "relay/setup.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "kafka_properties.hpp"
#include "relay_settings.hpp"

namespace onceward::cli {

namespace {

std::vector<std::string> warnings_of(const options::values& values) {
    std::vector<std::string> found;
    if (auto warning = password_warning(values); !warning.empty()) found.push_back(warning);
    for (const auto& [property, value] : read_kafka_properties(values.list("kafka"), {})) {
        if (!is_secret(property)) continue;
        found.push_back(fmt::format(
            "{} is a secret on the command line, where other users of this machine can read it; "
            "give it in an ONCEWARD_KAFKA_* variable instead",
            property));
    }
    return found;
}

}  // namespace

relay_setup relay_setup_of(const options::values& values) {
    if (values.text("brokers").empty()) {
        throw stop_with(exit_config, "brokers is not set: give --brokers or ONCEWARD_BROKERS");
    }
    try {
        return {.options = relay_options_of(
                    values, read_kafka_properties(values.list("kafka"), process_variables())),
                .warnings = warnings_of(values)};
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_usage, e.what());
    }
}

}  // namespace onceward::cli
