#include "command.hpp"

#include <CLI/App.hpp>

namespace onceward::cli {

command::command(std::string name, std::string summary, options::table rows)
    : name_(std::move(name)), summary_(std::move(summary)), options_(std::move(rows)) {}

void command::declare(CLI::App& parent) {
    app_ = parent.add_subcommand(name_, summary_);
    app_->set_help_flag("--help,-h", "Shows this.");
    options_.add_flags(*app_);
    declare_more(*app_);
}

bool command::chosen() const {
    return app_ != nullptr && app_->parsed();
}

}  // namespace onceward::cli
