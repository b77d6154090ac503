#pragma once

/// @file
/// A row in binary format, and who takes it.

#include <cstddef>
#include <functional>
#include <span>

namespace onceward::pg {

/// The bytes of one row's field in binary format; `data` is null for SQL NULL.
struct binary_field {
    const char* data = nullptr;
    std::size_t size = 0;
};

/// Takes one row; returns false to read no more of them.
using row_taker = std::function<bool(std::span<const binary_field>)>;

}  // namespace onceward::pg
