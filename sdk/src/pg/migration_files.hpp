#pragma once

/// @file
/// The migrations that this program was built with: sql/migrations/NNNN_name.{up,down}.sql.

#include <string>
#include <string_view>
#include <vector>

namespace onceward::pg {

struct migration_file {
    int version = 0;
    std::string_view name{};
    std::string_view up{};    ///< Its last line records it in `schema_version`.
    std::string_view down{};  ///< Takes it back, its row in `schema_version` included.
};

/// All of them, by version.
const std::vector<migration_file>& migration_files();

/// "0002_outbox"
std::string label(const migration_file& m);

/// What the checksum covers: the text above the last line, which names the checksum itself.
std::string_view sealed_part(std::string_view up);

/// The version that a database needs for this program, that of the newest migration.
int required_schema_version();

}  // namespace onceward::pg
