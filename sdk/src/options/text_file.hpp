#pragma once

/// @file
/// Reads a small file as a whole.

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "onceward/result.hpp"

namespace onceward::options {

struct text_file {
    std::string text;
    mode_t mode = 0;  ///< As stat(2).
};

/// @param path  "-" is standard input.
/// @return `rejected`, with the reason, when it cannot be read or is larger than `bytes_max`.
result<text_file> read_text_file(const std::string& path, std::size_t bytes_max);

}  // namespace onceward::options
