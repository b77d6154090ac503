#include "inbox/core/refusal.hpp"

#include <algorithm>
#include <array>

namespace onceward::inbox_core {

namespace {

constexpr std::string_view sqlstate_prefix = "sqlstate:";

// Only these blame the message. An unknown code stops the partition, which loses nothing.
constexpr std::array<std::string_view, 5> of_the_message{
    "handler:",     // what the handler itself throws
    "sqlstate:22",  // data exception
    "sqlstate:23",  // constraint violation
    "sqlstate:44",  // WITH CHECK OPTION
    "sqlstate:P0",  // RAISE in a function or trigger
};

}  // namespace

fault fault_of(std::string_view origin) {
    const bool blames = std::any_of(of_the_message.begin(), of_the_message.end(),
                                    [&](auto prefix) { return origin.starts_with(prefix); });
    return blames ? fault::message : fault::environment;
}

std::string sqlstate_of(std::string_view origin) {
    if (!origin.starts_with(sqlstate_prefix)) return {};
    return std::string(origin.substr(sqlstate_prefix.size()));
}

}  // namespace onceward::inbox_core
