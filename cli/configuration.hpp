#pragma once

/// @file
/// The configuration file of a command: where it is, and the values once it has been read.

#include <functional>
#include <string>

#include "options/option_set.hpp"

namespace CLI {
class App;
}

namespace onceward::cli {

/// Read where neither --config nor ONCEWARD_CONFIG names a file, if it is there. A file in the
/// working directory is never read unasked: whoever may write there would choose the database.
inline constexpr const char* usual_config_file = "/etc/onceward/onceward.yaml";

/// The file to read: the flag's, else the variable's, else the usual one if `exists` finds it.
/// @return Empty: none.
std::string config_path(const std::string& flag, const std::string& variable,
                        const std::function<bool(const std::string&)>& exists);

class configuration {
public:
    /// Adds --config to a command. This object must outlive the parsing of `app`.
    void add_flag(CLI::App& app);

    /// The values of one command, from everywhere; anew at each call.
    /// @param known  The rows of all commands: a file serves all of them.
    /// @throws options::bad_option  Anything in the file, also for another command, is wrong.
    options::values read(const options::option_set& set, const options::table& known);

private:
    options::config_file read_file(const options::variables& env);

    std::string flag_;
    bool stdin_taken_ = false;
    bool others_may_read_ = false;
};

}  // namespace onceward::cli
