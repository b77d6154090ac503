#pragma once

/// @file
/// How headers stand in the outbox's `headers` column: a JSON array of [name, text] or
/// [name, {"base64": ...}]. JSON objects would lose order, repeats and bytes that are not UTF-8.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/event.hpp"

namespace onceward {

/// The column's text for these headers.
std::string encode_headers(std::span<const header> headers);

/// The headers of a column's text.
/// @return Empty when the text does not have that form.
std::optional<std::vector<header>> decode_headers(std::string_view json);

/// All headers of `e` that travel in the column: its own, then trace context and the ids of the
/// conversation. The header's id, type and content type have columns of their own.
std::vector<header> column_headers(const event& e);

}  // namespace onceward
