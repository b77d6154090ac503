#include "relay/setup.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

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

outbox_setup outbox_of(const options::values& values, const std::string& name,
                       std::vector<std::string>& warnings) {
    if (values.text("brokers").empty()) {
        throw stop_with(exit_config,
                        "brokers is not set: give --brokers, ONCEWARD_BROKERS or, in the "
                        "configuration file, brokers");
    }
    const endpoints to = read_endpoints(values);
    for (const auto& w : to.warnings) {
        if (std::ranges::find(warnings, w) == warnings.end()) warnings.push_back(w);
    }
    return {.name = name, .options = relay_options_of(values, to)};
}

const std::string& checked_name(const options::values& values) {
    if (values.from("name") == options::origin::file) return values.text("name");
    throw stop_with(exit_config,
                    "each of the outboxes in the configuration file needs a name of its own");
}

/// Two of a name could not be told apart, two of a shard would wait for each other.
void refuse_repeats(const std::vector<outbox_setup>& all) {
    std::set<std::string> names;
    std::set<std::tuple<std::string, std::string, int>> shards;
    for (const auto& o : all) {
        if (!names.insert(o.name).second)
            throw stop_with(exit_config, fmt::format("two of the outboxes are named {}", o.name));
        if (!shards.insert({o.options.database, o.options.schema, o.options.shard}).second) {
            throw stop_with(exit_config,
                            fmt::format("the outbox {} is the same database, schema and shard as "
                                        "one before it; give it its own, or remove it",
                                        o.name));
        }
    }
}

std::vector<outbox_setup> outboxes_of(const options::values& values,
                                      std::vector<std::string>& warnings) {
    if (values.sections.empty()) return {outbox_of(values, "", warnings)};
    if (values.sections.size() > outboxes_max) {
        throw stop_with(exit_config,
                        fmt::format("{} outboxes are too many for one relay, which serves {}; "
                                    "start another one for the rest",
                                    values.sections.size(), outboxes_max));
    }
    std::vector<outbox_setup> all;
    for (const auto& s : values.sections) all.push_back(outbox_of(s, checked_name(s), warnings));
    refuse_repeats(all);
    return all;
}

/// Compares two sets of values, and keeps what only a restart changes.
void compare(const options::values& now, options::values& wanted, const options::table& rows,
             const std::string& prefix, relay_change& change) {
    for (const auto& row : rows) {
        if (row.is_argument || wanted.same(row.name, now)) continue;
        (row.needs_restart ? change.kept : change.changed).push_back(prefix + row.name);
        if (row.needs_restart) wanted.keep(row.name, now);
    }
}

/// The outboxes stay those of the start; each takes its own new values.
void compare_sections(const options::values& now, options::values& wanted,
                      const options::table& rows, relay_change& change) {
    bool same_names = now.sections.size() == wanted.sections.size();
    std::vector<options::values> next;
    for (const auto& old : now.sections) {
        const std::string& name = old.text("name");
        const auto found = std::ranges::find_if(
            wanted.sections, [&](const auto& s) { return s.text("name") == name; });
        same_names = same_names && found != wanted.sections.end();
        next.push_back(found != wanted.sections.end() ? *found : old);
        compare(old, next.back(), rows, name + '.', change);
    }
    if (!same_names) change.kept.emplace_back("outboxes");
    wanted.sections = std::move(next);
}

}  // namespace

relay_setup relay_setup_of(options::values values) {
    std::vector<std::string> warnings = values.warnings;
    auto outboxes = outboxes_of(values, warnings);
    relay_setup setup{.values = {},
                      .outboxes = std::move(outboxes),
                      .admin = checked_admin_settings(values),
                      .log = log_settings_of(values),
                      .warnings = std::move(warnings)};
    if (!setup.admin.warning.empty()) setup.warnings.push_back(setup.admin.warning);
    setup.values = std::move(values);
    return setup;
}

relay_change relay_change_of(const relay_setup& now, options::values wanted,
                             const options::table& rows) {
    relay_change change;
    compare(now.values, wanted, rows, "", change);
    compare_sections(now.values, wanted, rows, change);
    change.next = relay_setup_of(std::move(wanted));
    return change;
}

}  // namespace onceward::cli
