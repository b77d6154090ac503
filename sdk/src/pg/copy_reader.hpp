#pragma once

/// @file
/// The tuples of COPY's binary format (PostgreSQL documentation, COPY, "Binary Format").

#include <string_view>
#include <vector>

#include "pg/row.hpp"

namespace onceward::pg {

class copy_reader {
public:
    /// Takes what one CopyData message holds.
    /// @param wanted  What `take_row` said of the row in it, if there is one.
    /// @return False when the data does not have that format.
    bool take(std::string_view data, const row_taker& take_row, bool& wanted);

private:
    bool header_seen_ = false;
    std::vector<binary_field> fields_;
};

}  // namespace onceward::pg
