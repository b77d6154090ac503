#pragma once

/// @file
/// `onceward inbox maintain|dead`: what the owner of the inbox's tables does for it.

#include "command.hpp"
#include "inbox/dead_command.hpp"

namespace onceward::cli {

class inbox_command final : public command {
public:
    inbox_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;

    dead_command dead_;
    bool json_ = false;
};

}  // namespace onceward::cli
