#pragma once

/// @file
/// The secret that lets somebody change something through the admin port.

#include <string>
#include <string_view>

namespace onceward::cli {

class admin_token {
public:
    /// @throws std::invalid_argument  It is shorter than 32 bytes, longer than 1024, or no single
    ///                                printable word.
    explicit admin_token(std::string text);

    /// Whether an Authorization header brings it. Takes as long for any wrong token of a length.
    [[nodiscard]] bool allows(std::string_view authorization) const;

private:
    std::string secret_;
};

}  // namespace onceward::cli
