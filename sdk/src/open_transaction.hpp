#pragma once

/// @file
/// A database transaction of ours, in which code of others runs.

#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace onceward {

/// BEGIN to COMMIT, or ROLLBACK at its end.
///
/// Not a pqxx::work: libpqxx 6 rolls one back by itself at the first statement that fails, and then
/// lets exec_params run outside of any transaction. A handler that swallowed the error would commit
/// the rest piece by piece. Here the server's transaction stays failed: it refuses all statements.
class open_transaction {
public:
    /// Begins in READ COMMITTED, on which the waiting for another's id rests.
    explicit open_transaction(pqxx::connection& c);
    ~open_transaction();
    open_transaction(const open_transaction&) = delete;
    open_transaction& operator=(const open_transaction&) = delete;

    [[nodiscard]] pqxx::transaction_base& tx() { return tx_; }

    /// @throws pqxx::failure  Where the session is lost with it, it may have committed.
    void commit();

private:
    pqxx::connection& connection_;
    pqxx::nontransaction tx_;
    bool open_ = true;
};

}  // namespace onceward
