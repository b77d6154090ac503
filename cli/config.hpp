#pragma once

/// @file
/// `onceward config`: whether a configuration is right, what is in force, and what there is to set.

#include "command.hpp"
#include "config/described.hpp"

namespace onceward::cli {

class config_command final : public command {
public:
    /// @param all  The other commands.
    explicit config_command(described_commands all);

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;
    int check(const options::values& values);
    int show(const options::values& values) const;

    [[nodiscard]] std::string documentation() const;

    described_commands all_;
    const CLI::App* program_ = nullptr;
    CLI::App* check_ = nullptr;
    CLI::App* show_ = nullptr;
    CLI::App* example_ = nullptr;
    CLI::App* docs_ = nullptr;
    bool online_ = false;
    bool origin_ = false;
    bool json_ = false;
    bool interface_ = false;
};

}  // namespace onceward::cli
