#pragma once

/// @file
/// `onceward status`: whether events flow, and what to do where they do not.

#include "command.hpp"

namespace onceward::cli {

class status_command final : public command {
public:
    status_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;

    bool json_ = false;
    bool ready_ = false;
};

}  // namespace onceward::cli
