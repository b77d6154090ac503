#pragma once

/// @file
/// Whom PostgreSQL runs as: it refuses to run as root.

#include <optional>
#include <string>

#include <sys/types.h>

namespace onceward::dev {

struct unix_user {
    std::string name;
    uid_t uid;
    gid_t gid;
};

/// The account that a process started by root drops to: `postgres`, or else `nobody`.
/// @return Empty when this process is not root and has nothing to drop.
/// @throws std::runtime_error  Root, and neither account exists.
std::optional<unix_user> unprivileged_user();

}  // namespace onceward::dev
