#pragma once

/// @file
/// What of HTTP an idempotent request needs: its key, its fingerprint, its stored response. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onceward {

inline constexpr std::size_t idempotency_key_bytes_max = 255;

/// Reads the value of an Idempotency-Key header: an RFC 8941 string such as `"8e03978e"`, whose
/// parameters are ignored, or, as most clients send it, the same characters without quotes.
/// @return Empty when it is neither, or has not 1 to 255 characters.
std::optional<std::string> parse_idempotency_key(std::string_view value);

/// The scope of an endpoint's keys for one caller, at most 255 bytes of ASCII: a caller of more
/// than 100 bytes, or of others than letters, digits and `-._@:/`, stands there as its SHA-256.
std::string idempotency_scope(const std::string& endpoint, const std::string& caller);

/// The SHA-256 over parts with their lengths, so that no two lists run into each other.
std::string fingerprint_of_parts(const std::vector<std::string_view>& parts);

/// Whether a response settles its request. Others ask for another try, which has to run.
bool settles(int status);

/// A response as it is stored and given again.
struct stored_response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    friend bool operator==(const stored_response&, const stored_response&) = default;
};

std::string encode_response(const stored_response& r);

/// @return Empty when the bytes are not what `encode_response` writes.
std::optional<stored_response> decode_response(std::string_view bytes);

}  // namespace onceward
