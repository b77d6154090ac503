#pragma once

/// @file
/// What every command of `onceward` is: a name, a table of options, and something to run.

#include <string>

#include "options/option_set.hpp"

namespace CLI {
class App;
}

namespace onceward::cli {

class command {
public:
    command(std::string name, std::string summary, options::table rows);
    virtual ~command() = default;
    command(const command&) = delete;
    command& operator=(const command&) = delete;

    /// Adds the command to the command line. It must outlive the parsing.
    void declare(CLI::App& parent);

    /// Whether the command line asks for this command.
    [[nodiscard]] bool chosen() const;

    /// Runs it with the values in force.
    /// @return The exit code.
    /// @throws options::bad_option, stop_with
    int run() { return run(options_.resolve()); }

    [[nodiscard]] const std::string& name() const { return name_; }

protected:
    /// Adds what is no option with a value: switches, subcommands, examples.
    virtual void declare_more(CLI::App& app) = 0;
    virtual int run(const options::values& values) = 0;

private:
    std::string name_;
    std::string summary_;
    options::option_set options_;
    CLI::App* app_ = nullptr;
};

}  // namespace onceward::cli
