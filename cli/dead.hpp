#pragma once

/// @file
/// `onceward dead`: what a person does about events that Kafka refused.

#include "command.hpp"
#include "dead/letters.hpp"
#include "dead/selection.hpp"

namespace onceward::cli {

class outbox_dead_command final : public command {
public:
    outbox_dead_command();

private:
    void declare_more(CLI::App& app) override;
    void declare_filters(CLI::App& sub);
    void declare_edit(CLI::App& app);
    void declare_decision(CLI::App& sub, const char* deed);
    int run(const options::values& values) override;

    int list(outbox_dead_letters& letters) const;
    int show(outbox_dead_letters& letters) const;
    int edit(outbox_dead_letters& letters) const;
    int redrive(outbox_dead_letters& letters) const;
    int discard(outbox_dead_letters& letters) const;
    /// What would be decided on, once it is certain that it should be.
    /// @return Empty when nothing is to be done; it has been said why then.
    [[nodiscard]] bool confirmed(const std::vector<outbox_dead_letter>& chosen,
                                 const char* deed) const;
    [[nodiscard]] selection chosen_ones() const;

    CLI::App *list_ = nullptr, *show_ = nullptr, *edit_ = nullptr, *redrive_ = nullptr,
             *discard_ = nullptr;
    selection filter_;
    std::string id_;
    outbox_dead_changes changes_;
    std::string payload_file_, headers_file_;
    int limit_ = 100;
    int window_days_ = 7;
    bool json_ = false, payload_ = false, all_ = false, yes_ = false, dry_run_ = false,
         as_new_ = false;
};

}  // namespace onceward::cli
