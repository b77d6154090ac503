#pragma once

/// @file
/// `onceward inbox dead list|show|edit|redrive|discard`.

#include <string>
#include <vector>

#include "inbox/dead_letters.hpp"
#include "inbox/dead_render.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace onceward::cli {

class dead_command {
public:
    /// Adds `dead` to `onceward inbox`. This must outlive the parsing.
    void declare(CLI::App& inbox);

    [[nodiscard]] bool chosen() const;

    /// @return The exit code.
    /// @throws stop_with
    int run(pg::connection& c, const std::string& schema, bool json) const;

private:
    void declare_filter(CLI::App& sub, const char* numbers, CLI::Option* all);
    CLI::Option* declare_kind(CLI::App& sub);
    int list(dead_letters& all, bool json) const;
    int show(dead_letters& all, bool json) const;
    int decide(dead_letters& all, bool json) const;
    dead_report carry_out(dead_letters& all) const;
    void carry_out_one(dead_letters& all, std::int64_t number, dead_report& report) const;
    [[nodiscard]] dead_filter concerned() const;
    [[nodiscard]] dead_edit edited() const;

    CLI::App* dead_ = nullptr;
    CLI::App* list_ = nullptr;
    CLI::App* show_ = nullptr;
    CLI::App* edit_ = nullptr;
    CLI::App* redrive_ = nullptr;
    CLI::App* discard_ = nullptr;
    dead_filter filter_;
    std::string state_ = "dead";
    std::string payload_file_;
    std::string headers_file_;
    std::string why_;
    bool tombstone_ = false;
    bool all_ = false;
    bool as_new_ = false;
    bool dry_run_ = false;
};

}  // namespace onceward::cli
