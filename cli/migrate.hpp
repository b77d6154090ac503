#pragma once

/// @file
/// `onceward migrate up|status`: the tables of outbox and inbox in a database.

#include "command.hpp"

namespace onceward::cli {

class migrate_command final : public command {
public:
    migrate_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;

    CLI::App* up_ = nullptr;
    bool json_ = false;
    bool dry_run_ = false;
};

}  // namespace onceward::cli
