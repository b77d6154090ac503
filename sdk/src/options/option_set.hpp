#pragma once

/// @file
/// A command's options and their values: flags over environment over defaults.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "options/option.hpp"

namespace CLI {
class App;
}

namespace onceward::options {

enum class origin : std::uint8_t { fallback, environment, flag };

/// A value that is refused. The message names the value, where it came from and what is allowed.
class bad_option : public std::runtime_error {
public:
    bad_option(origin from, const std::string& message)
        : std::runtime_error(message), from_(from) {}
    [[nodiscard]] origin from() const { return from_; }

private:
    origin from_;
};

/// The values in force. A name that is not in the table is a bug of ours: std::out_of_range.
class values {
public:
    [[nodiscard]] std::int64_t number(std::string_view name) const { return at(name).number; }
    [[nodiscard]] std::size_t size(std::string_view name) const {
        return static_cast<std::size_t>(number(name));
    }
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view name) const {
        return std::chrono::milliseconds{number(name)};
    }
    [[nodiscard]] const std::string& text(std::string_view name) const { return at(name).text; }
    [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const {
        return at(name).list;
    }
    [[nodiscard]] origin from(std::string_view name) const { return at(name).from; }

private:
    friend class option_set;
    struct value {
        std::int64_t number = 0;
        std::string text{};
        std::vector<std::string> list{};
        origin from = origin::fallback;
    };
    [[nodiscard]] const value& at(std::string_view name) const;

    std::map<std::string, value, std::less<>> by_name_;
};

/// The value of an environment variable; empty when it is not set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

/// This process's environment.
std::optional<std::string> process_environment(const std::string& name);

/// The options of one command.
class option_set {
public:
    /// @throws std::logic_error  The table has a flaw, a bug of ours.
    explicit option_set(table rows);

    [[nodiscard]] const table& rows() const { return rows_; }

    /// Adds the flags to a command. This set must outlive the parsing of `app`.
    void add_flags(CLI::App& app);

    /// The values, once the command line has been parsed. An environment variable that is set but
    /// empty counts as not set.
    /// @throws bad_option  A value cannot be read or is out of range.
    [[nodiscard]] values resolve(const environment& env = process_environment) const;

private:
    [[nodiscard]] values::value resolve(const option& o, const environment& env) const;

    table rows_;
    std::map<std::string, std::vector<std::string>> flags_;  // what the command line gave, by name
};

}  // namespace onceward::options
