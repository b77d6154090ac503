#pragma once

/// @file
/// `onceward doctor`: looks at the set-up of a database, and of the brokers, and changes nothing.

#include "command.hpp"

namespace onceward::cli {

class doctor_command final : public command {
public:
    doctor_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;

    bool json_ = false;
};

}  // namespace onceward::cli
