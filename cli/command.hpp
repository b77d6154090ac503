#pragma once

/// @file
/// What every command of `onceward` is: a name, a table of options, and something to run.

#include <cstdint>
#include <string>

#include "configuration.hpp"
#include "options/option_set.hpp"

namespace CLI {
class App;
}

namespace onceward::cli {

/// Whether a command's values come from the configuration file too, or from flags and environment
/// only.
enum class config_use : std::uint8_t { file, none };

class command {
public:
    command(std::string name, std::string summary, options::table rows,
            config_use config = config_use::file);
    virtual ~command() = default;
    command(const command&) = delete;
    command& operator=(const command&) = delete;

    /// Adds the command to the command line. It must outlive the parsing.
    void declare(CLI::App& parent);

    /// Whether the command line asks for this command.
    [[nodiscard]] bool chosen() const;

    /// Runs it with the values in force.
    /// @param known  The rows of all commands that read the configuration file.
    /// @return The exit code.
    /// @throws options::bad_option, stop_with
    int run(const options::table& known);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] const options::table& rows() const { return options_.rows(); }
    [[nodiscard]] bool reads_file() const { return config_ == config_use::file; }

protected:
    /// Adds what is no option with a value: switches, subcommands, examples.
    virtual void declare_more(CLI::App& app) = 0;
    virtual int run(const options::values& values) = 0;

    /// Tells the user what `values.warnings` says.
    virtual void warn(const options::values& values) const;

    /// The values as they are now, for a command that is told that they have changed.
    /// @throws options::bad_option
    options::values read_values();

private:
    std::string name_;
    std::string summary_;
    options::option_set options_;
    config_use config_;
    configuration configuration_;
    options::table known_;
    CLI::App* app_ = nullptr;
};

}  // namespace onceward::cli
