#pragma once

/// @file
/// The database of a service, for its HTTP handlers: a few connections and a transaction at a time.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pqxx/pqxx>

namespace shop {

/// Connections that are opened when needed and kept for the next request.
///
/// @par Thread safety
/// Any thread.
class database {
public:
    /// @param conninfo  libpq URI or key=value string. Nothing is opened yet.
    explicit database(std::string conninfo);

    /// Runs `work` in one transaction and commits it.
    /// @throws Whatever `work` or the database throws. The transaction is rolled back then, unless
    ///         it is pqxx::in_doubt_error: nobody knows, and the client may ask again.
    void transaction(const std::function<void(pqxx::work&)>& work);

    /// Calls `use` with a connection of its own; one that `use` leaves by an exception is closed.
    void lend(const std::function<void(pqxx::connection&)>& use);

private:
    std::unique_ptr<pqxx::connection> take();
    void give_back(std::unique_ptr<pqxx::connection> connection);

    std::string conninfo_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<pqxx::connection>> idle_;
};

}  // namespace shop
