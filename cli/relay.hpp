#pragma once

/// @file
/// `onceward relay`: the sidecar that publishes an outbox to Kafka.

#include "command.hpp"
#include "pause/command.hpp"

namespace onceward::cli {

class relay_command final : public command {
public:
    relay_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;
    void warn(const options::values& /*values*/) const override {}  // its log says it

    pause_commands pausing_;
};

}  // namespace onceward::cli
