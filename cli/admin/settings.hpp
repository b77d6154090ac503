#pragma once

/// @file
/// The options of the admin port.

#include <optional>
#include <string>

#include "admin/token.hpp"
#include "http/listen_address.hpp"
#include "options/option_set.hpp"

namespace onceward::cli {

struct admin_settings {
    std::optional<http::listen_address> listen{};  ///< Empty: no admin port.
    std::optional<admin_token> token{};            ///< Empty: nothing can be changed through it.
    std::string warning{};  ///< Others may read the token; empty: they may not.
};

/// --admin-listen and --admin-token-file.
options::table admin_rows();

/// @throws std::invalid_argument  A value cannot be used.
admin_settings admin_settings_of(const options::values& values);

}  // namespace onceward::cli
