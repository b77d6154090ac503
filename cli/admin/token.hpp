#pragma once

/// @file
/// The secret that lets somebody change something through the admin port.

#include <optional>
#include <string>
#include <string_view>

namespace onceward::cli {

class admin_token {
public:
    /// What a file holds, without the line's end.
    /// @throws std::invalid_argument  It cannot be read, or is shorter than 32 bytes, or is no
    ///                                single printable word.
    static admin_token from_file(const std::string& path);

    /// Whether an Authorization header brings it. Takes as long for any wrong token of a length.
    [[nodiscard]] bool allows(std::string_view authorization) const;

private:
    explicit admin_token(std::string secret) : secret_(std::move(secret)) {}
    std::string secret_;
};

}  // namespace onceward::cli
