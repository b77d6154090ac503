#pragma once

/// @file
/// A command's options and their values: flags over environment over file over defaults.

#include <map>
#include <string>
#include <vector>

#include "options/config_file.hpp"
#include "options/environment.hpp"
#include "options/option.hpp"
#include "options/values.hpp"

namespace CLI {
class App;
}

namespace onceward::options {

/// The options of one command.
class option_set {
public:
    /// @throws std::logic_error  The table has a flaw, a bug of ours.
    explicit option_set(table rows);

    [[nodiscard]] const table& rows() const { return rows_; }

    /// Adds the flags to a command. This set must outlive the parsing of `app`.
    void add_flags(CLI::App& app);

    /// The values, once the command line has been parsed. An environment variable that is set but
    /// empty counts as not set; keys of the file that are not in this table are other commands'.
    /// @throws bad_option  A value cannot be read or is out of range.
    [[nodiscard]] values resolve(const variables& env = process_environment(),
                                 const config_file& file = {}) const;

    /// The values of one section of the file.
    /// @throws bad_option  As `resolve`; or the section sets what a flag or a variable sets for all
    ///                     of them, so that its own value would count for nothing.
    [[nodiscard]] values resolve_section(const variables& env, const config_file& file,
                                         const setting& section) const;

private:
    struct given;
    [[nodiscard]] given strongest(const option& o, const variables& env,
                                  const config_file& file) const;
    [[nodiscard]] values::value resolve(const option& o, const variables& env,
                                        const config_file& file) const;
    [[nodiscard]] values::value resolve_properties(const option& o, const variables& env,
                                                   const config_file& file) const;

    table rows_;
    std::map<std::string, std::vector<std::string>> flags_;  // what the command line gave, by name
};

}  // namespace onceward::options
