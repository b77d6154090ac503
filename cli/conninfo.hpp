#pragma once

/// @file
/// libpq's connection strings and the passwords in them.

#include <string>

namespace onceward::cli {

/// Whether a libpq URI or key=value string holds a password.
bool holds_password(const std::string& conninfo);

/// The same connection with this password, as a key=value string. What cannot be read stays as it
/// is: libpq will say what is wrong with it.
std::string with_password(const std::string& conninfo, const std::string& password);

/// For people: every password as ********, also in what cannot be read.
std::string masked(const std::string& conninfo);

}  // namespace onceward::cli
