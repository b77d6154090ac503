#include "open_transaction.hpp"

#include <exception>

namespace onceward {

open_transaction::open_transaction(pqxx::connection& c) : connection_(c), tx_(c) {
    tx_.exec("BEGIN ISOLATION LEVEL READ COMMITTED");
}

open_transaction::~open_transaction() {
    if (!open_ || !connection_.is_open()) return;
    try {
        tx_.exec("ROLLBACK");
    } catch (const std::exception&) {
        // The session is lost and its user drops it; the server rolls back by itself.
    }
}

void open_transaction::commit() {
    open_ = false;
    tx_.exec("COMMIT");
}

}  // namespace onceward
