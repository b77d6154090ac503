#include "onceward/once.hpp"

#include <exception>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "operation.hpp"
#include "sql_literal.hpp"

namespace onceward {

namespace {

/// Makes the server refuse to commit what was done so far, whatever the caller does with the
/// exception that is under way.
void poison(pqxx::transaction_base& tx) noexcept {
    try {
        tx.exec(
            "DO $$BEGIN RAISE EXCEPTION 'an idempotent operation has failed half-way; roll "
            "back'; END$$");
    } catch (const std::exception&) {
        // This is the failure that was wanted, or the transaction is over already.
    }
}

once_result run(pqxx::transaction_base& tx, const operation& o, const std::string& xact,
                const std::function<std::string()>& fn) {
    try {
        once_result answer{.result = fn(), .replayed = false};
        end_operation(tx, o, xact, answer.result);
        return answer;
    } catch (...) {
        poison(tx);
        throw;
    }
}

}  // namespace

once_result once(pqxx::transaction_base& tx, const std::string& scope,
                 const std::string& operation_id, const std::function<std::string()>& fn,
                 const once_options& options) {
    check_schema_name(options.schema, "once_options.schema");
    const operation o{options.schema, scope, operation_id, fingerprint_of(options.fingerprint)};
    check_operation(o);
    auto begun = begin_operation(tx, o, options.wait);
    switch (begun.state) {
        case operation_state::fresh:
            return run(tx, o, begun.xact, fn);
        case operation_state::stored:
            return {.result = std::move(begun.result), .replayed = true};
        case operation_state::mismatch:
            throw operation_mismatch(
                fmt::format("operation {} of {} took effect before with another fingerprint; "
                            "use an id for one operation only",
                            operation_id, scope));
        case operation_state::in_flight:
            break;
    }
    throw operation_in_flight(
        fmt::format("operation {} of {} is in flight; ask again later, or raise once_options.wait",
                    operation_id, scope));
}

}  // namespace onceward
