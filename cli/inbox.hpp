#pragma once

/// @file
/// `onceward inbox maintain`: what the owner of the inbox's tables does for it.

#include "command.hpp"

namespace onceward::cli {

class inbox_command final : public command {
public:
    inbox_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;

    bool json_ = false;
};

}  // namespace onceward::cli
