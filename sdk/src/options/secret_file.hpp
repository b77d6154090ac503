#pragma once

/// @file
/// Secrets that stand in files of their own, as systemd, Docker and Kubernetes hand them over.

#include <string>

#include "onceward/result.hpp"
#include "options/environment.hpp"

namespace onceward::options {

struct secret_text {
    std::string value;    ///< Without the line's end behind it.
    std::string warning;  ///< Others may read the file; empty when not.
};

/// Where the file is: `$CREDENTIALS_DIRECTORY/name` is systemd's directory of credentials.
/// @return `rejected` for a relative path, or when the directory is not set.
result<std::string> secret_path(const std::string& written, const variables& env);

/// Reads a secret, at most 64 KiB. Its value is in no message.
/// @return `rejected` when it cannot be read or is empty.
result<secret_text> read_secret(const std::string& written, const variables& env);

}  // namespace onceward::options
