#pragma once

/// @file
/// `onceward topics check|create|repin`: the topics that an outbox publishes to.

#include <string>
#include <vector>

#include "command.hpp"

namespace onceward::cli {

class topics_command final : public command {
public:
    topics_command();

private:
    void declare_more(CLI::App& app) override;
    int run(const options::values& values) override;
    int check(const options::values& values) const;
    int create(const options::values& values) const;
    int repin(const options::values& values) const;

    CLI::App* create_ = nullptr;
    CLI::App* repin_ = nullptr;
    std::vector<std::string> names_;
    int partitions_ = 0;
    int replication_ = -1;
    std::vector<std::string> config_;
    bool json_ = false;
    bool yes_ = false;
};

}  // namespace onceward::cli
