#pragma once

/// @file
/// A statement behind the settings of its transaction: what a session's settings are where a pooler
/// gives each transaction another server session.

#include <span>
#include <string>

#include "pg/handles.hpp"

namespace onceward::pg {

/// Sends both in one round trip, as a pipeline and hence one implicit transaction: the settings end
/// with it, and no neighbour in the pool ever sees them.
class settled_statement {
public:
    /// @param settings  A statement of scope::transaction.
    /// @param format    Of the results: 0 text, 1 binary.
    settled_statement(PGconn* session, const std::string& settings, const char* sql,
                      std::span<const char* const> values, int format);
    /// Reads what is left of the pipeline and ends it.
    ~settled_statement();
    settled_statement(const settled_statement&) = delete;
    settled_statement& operator=(const settled_statement&) = delete;

    /// Waits until the settings are in force. Then the session's next results are the statement's.
    /// @return False when they are not, or nothing could be sent; `answer` says why.
    [[nodiscard]] bool settled(result_handle& answer);

private:
    PGconn* session_;
    bool sent_ = false;
};

}  // namespace onceward::pg
