#pragma once

/// @file
/// `onceward dev`: a PostgreSQL and a Kafka broker of one's own, to try things out.

#include "command.hpp"

namespace onceward::cli {

class dev_command final : public command {
public:
    dev_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;
};

}  // namespace onceward::cli
