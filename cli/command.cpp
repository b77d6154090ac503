#include "command.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace onceward::cli {

command::command(std::string name, std::string summary, options::table rows, config_use config)
    : name_(std::move(name)),
      summary_(std::move(summary)),
      options_(std::move(rows)),
      config_(config) {}

void command::declare(CLI::App& parent) {
    app_ = parent.add_subcommand(name_, summary_);
    app_->set_help_flag("--help,-h", "Shows this.");
    if (reads_file()) configuration_.add_flag(*app_);
    options_.add_flags(*app_);
    declare_more(*app_);
}

bool command::chosen() const {
    return app_ != nullptr && app_->parsed();
}

int command::run(const options::table& known) {
    known_ = known;
    const auto values = read_values();
    warn(values);
    return run(values);
}

void command::warn(const options::values& values) const {
    for (const auto& w : values.warnings) fmt::print(stderr, "onceward: warning: {}.\n", w);
}

options::values command::read_values() {
    return reads_file() ? configuration_.read(options_, known_) : options_.resolve();
}

}  // namespace onceward::cli
