#pragma once

/// @file
/// Values in PostgreSQL's text form.

#include <optional>
#include <string>
#include <string_view>

#include "onceward/message_id.hpp"

namespace onceward::inbox_io {

/// An array of elements that need no quotes: numbers, dates, UUIDs.
class sql_array {
public:
    void add(std::string_view element) {
        if (text_.size() > 1) text_ += ',';
        text_ += element;
    }
    [[nodiscard]] std::string done() const { return text_ + '}'; }

private:
    std::string text_ = "{";
};

/// The UTC day of a time, of the years 1970 to 9999.
std::string sql_day(message_id::time_point t);

/// `text` as PostgreSQL accepts it: what is no printable ASCII becomes `\xNN`, and what is longer
/// than `bytes_max` is cut. For values from strangers, which must never make a statement fail.
std::string sql_text(std::string_view text, std::size_t bytes_max);

/// bytea in hexadecimal.
std::optional<std::string> sql_bytes(const std::optional<std::string>& bytes);

/// The bytes of hexadecimal digits, as `encode(..., 'hex')` writes them.
std::string bytes_of_hex(std::string_view digits);

/// A parameter that may be null, as every libpqxx takes it.
inline const char* or_null(const std::optional<std::string>& value) {
    return value ? value->c_str() : nullptr;
}

}  // namespace onceward::inbox_io
