#pragma once

/// @file
/// The environment variables that are no options, each with what reads it.

#include <array>
#include <string_view>

namespace onceward::cli {

struct environment_variable {
    std::string_view name;
    std::string_view effect;
};

inline constexpr std::array environment_variables{
    environment_variable{"ONCEWARD_CONFIG", "the configuration file, where `--config` names none"},
    environment_variable{"ONCEWARD_KAFKA_NAME",
                         "the librdkafka property NAME: `_` stands for a dot, `__` for a dash, "
                         "`___` for an underscore; with `_FILE` behind it, a file that holds it"},
    environment_variable{"ONCEWARD_POSTGRES_BIN",
                         "`onceward dev`: the folder with `initdb` and `postgres`"},
    environment_variable{"PATH", "`onceward dev`: where else these may be"},
    environment_variable{"TMPDIR", "`onceward dev`: below which folder its own one is made"},
    environment_variable{"TZ", "`onceward dev`: the time zone of its PostgreSQL"},
    environment_variable{"LD_LIBRARY_PATH", "`onceward dev`: handed on to its PostgreSQL"},
    environment_variable{"CREDENTIALS_DIRECTORY",
                         "what an option's value may begin with that names a file with a secret; "
                         "systemd sets it"},
    environment_variable{"NOTIFY_SOCKET",
                         "`onceward relay`: whom it tells that it is ready, reloads or stops; "
                         "systemd sets it"},
    environment_variable{"WATCHDOG_USEC",
                         "`onceward relay`: how often, in microseconds, it has to say that it "
                         "lives; systemd sets it"},
    environment_variable{"WATCHDOG_PID", "`onceward relay`: the process that is meant by that"},
    environment_variable{"ONCEWARD_CRASH",
                         "builds with crash points only: `point:probability,...`, where to die"},
    environment_variable{"ONCEWARD_PLANT",
                         "builds with crash points only: the planted bugs that are to bite"},
};

}  // namespace onceward::cli
