#pragma once

/// @file
/// The values in force, and where each came from.

#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "options/property.hpp"

namespace onceward::options {

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
    [[nodiscard]] const property_map& properties(std::string_view name) const {
        return at(name).properties;
    }
    [[nodiscard]] bool has(std::string_view name) const { return by_name_.contains(name); }
    [[nodiscard]] origin from(std::string_view name) const { return at(name).from; }
    /// "--brokers", "ONCEWARD_BROKERS", "onceward.yaml:3:1"; "default".
    [[nodiscard]] const std::string& place(std::string_view name) const { return at(name).place; }

    /// Whether both have the same value, from wherever.
    [[nodiscard]] bool same(std::string_view name, const values& other) const;

    /// Takes the value of `name` over from `other`.
    void keep(std::string_view name, const values& other);

    /// Those of each section of the file, in its order; each inherits the rest.
    std::vector<values> sections{};

    /// Sentences about what works but should not be so, for the log.
    std::vector<std::string> warnings{};

private:
    friend class option_set;
    struct value {
        std::int64_t number = 0;
        std::string text{};
        std::vector<std::string> list{};
        property_map properties{};
        origin from = origin::fallback;
        std::string place = "default";
    };
    [[nodiscard]] const value& at(std::string_view name) const;

    std::map<std::string, value, std::less<>> by_name_;
};

}  // namespace onceward::options
