#pragma once

/// @file
/// `onceward migrate up|down|status|sql`: the tables of outbox and inbox in a database.

#include <optional>
#include <string>

#include "command.hpp"

namespace onceward::cli {

class migrate_command final : public command {
public:
    migrate_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;
    int write_sql(const options::values& values) const;
    int look(const options::values& values) const;
    int go_up(const options::values& values) const;
    int go_down(const options::values& values) const;

    CLI::App* up_ = nullptr;
    CLI::App* down_ = nullptr;
    CLI::App* sql_ = nullptr;
    std::optional<int> up_to_;
    int down_to_ = 0;
    bool json_ = false;
    bool dry_run_ = false;
    bool show_sql_ = false;
    bool yes_ = false;
    std::string format_ = "plain";
    std::string directory_;
};

}  // namespace onceward::cli
