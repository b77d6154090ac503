#pragma once

/// @file
/// The one place that knows which libpqxx this is: 6.4 (Debian 12), 7 or 8.

#include <string>
#include <utility>

#include <pqxx/pqxx>

#if PQXX_VERSION_MAJOR >= 8 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 10)
#define ONCEWARD_PQXX_PARAMS 1
#else
#define ONCEWARD_PQXX_PARAMS 0
#endif

namespace onceward::pqxx_compat {

/// One value of a result, which has to outlive it: libpqxx 8 only refers to it.
#if PQXX_VERSION_MAJOR >= 8
using field = pqxx::field_ref;
#else
using field = pqxx::field;
#endif

/// Runs `sql` with parameters, in one round trip and without a prepared statement, so that it works
/// through a transaction pooler.
template <class... Args>
pqxx::result exec(pqxx::transaction_base& tx, const std::string& sql, Args&&... args) {
#if ONCEWARD_PQXX_PARAMS
    return tx.exec(sql, pqxx::params{std::forward<Args>(args)...});
#else
    return tx.exec_params(sql, std::forward<Args>(args)...);
#endif
}

/// Forbids libpqxx 6 to reconnect silently: a new session has lost locks and settings unnoticed.
inline void no_silent_reconnect([[maybe_unused]] pqxx::connection& c) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    c.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#endif
}

}  // namespace onceward::pqxx_compat
