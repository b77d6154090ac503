#pragma once

/// @file
/// A PgBouncer of a test's own.

#include <string>
#include <vector>

#include "dev/child_process.hpp"
#include "dev/private_directory.hpp"
#include "dev/private_postgres.hpp"

namespace onceward::test {

struct pooler_options {
    std::vector<std::string> users{};  ///< Who may log in besides the superuser.
    std::string mode = "transaction";  ///< Or session, or statement.
    int pool_size = 2;                 ///< Server sessions of each user in each database.
};

/// PgBouncer between clients and a server. It hands its server sessions out in turn, so that a
/// client meets another one with each transaction, and the traces that others left there.
class pooler {
public:
    /// @throws std::runtime_error  It does not come up; the message has its log.
    pooler(const dev::private_postgres& server, const pooler_options& options);

    /// A conninfo of the server's, led through the pooler.
    [[nodiscard]] std::string through(const std::string& conninfo) const;

    /// Has its administrator say it, such as PAUSE: the clients wait from now on.
    /// @throws std::runtime_error  PgBouncer refuses it.
    void command(const std::string& word) const;

private:
    dev::private_directory directory_;
    dev::child_process process_;
};

}  // namespace onceward::test
