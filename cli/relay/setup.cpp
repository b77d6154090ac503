#include "relay/setup.hpp"

#include <stdexcept>

#include "exit_code.hpp"
#include "relay_settings.hpp"
#include "secrets.hpp"

namespace onceward::cli {

namespace {

admin_settings checked_admin_settings(const options::values& values) {
    try {
        return admin_settings_of(values);
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
}

}  // namespace

relay_setup relay_setup_of(options::values values) {
    if (values.text("brokers").empty()) {
        throw stop_with(exit_config,
                        "brokers is not set: give --brokers, ONCEWARD_BROKERS or, in the "
                        "configuration file, brokers");
    }
    const endpoints to = read_endpoints(values);
    relay_setup setup{.values = {},
                      .options = relay_options_of(values, to),
                      .admin = checked_admin_settings(values),
                      .log = log_settings_of(values),
                      .warnings = values.warnings};
    setup.warnings.insert(setup.warnings.end(), to.warnings.begin(), to.warnings.end());
    if (!setup.admin.warning.empty()) setup.warnings.push_back(setup.admin.warning);
    setup.values = std::move(values);
    return setup;
}

relay_change relay_change_of(const relay_setup& now, options::values wanted,
                             const options::table& rows) {
    relay_change change;
    for (const auto& row : rows) {
        if (wanted.same(row.name, now.values)) continue;
        (row.needs_restart ? change.kept : change.changed).push_back(row.name);
        if (row.needs_restart) wanted.keep(row.name, now.values);
    }
    change.next = relay_setup_of(std::move(wanted));
    return change;
}

}  // namespace onceward::cli
