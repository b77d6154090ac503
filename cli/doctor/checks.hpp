#pragma once

/// @file
/// The checks of `onceward doctor` and `onceward topics check`, by the names that programs see.

#include <array>
#include <string_view>

namespace onceward::cli {

struct check_name {
    std::string_view name;
    std::string_view about;
};

inline constexpr std::array doctor_checks{
    check_name{"server", "the server's version, settings and whether it is the primary"},
    check_name{"clock", "how far the server's clock is from this machine's"},
    check_name{"connected role", "whether it can do anything here"},
    check_name{"schema version", "the schema's version, and each migration and its checksum"},
    check_name{"grants of onceward_app", "what the services' role may do"},
    check_name{"grants of onceward_relay", "what the relay's role may do"},
    check_name{"grants of onceward_inbox", "what the consumers' role may do"},
    check_name{"grants of onceward_monitor", "what the watchers' role may do"},
    check_name{"outbox", "the sequence, the ring, its leaves and indexes"},
    check_name{"inbox", "the day partitions"},
    check_name{"open transactions", "those that are long open or prepared"},
    check_name{"pooler",
               "whether transactions pass through it; only where one is before the server"},
    check_name{"brokers", "whether they answer; only with `--brokers`"},
    check_name{"topics", "why they cannot be looked at; only then"},
    check_name{"topic NAME", "one topic; only with `--brokers`"},
};

}  // namespace onceward::cli
