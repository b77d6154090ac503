#pragma once

/// @file
/// One request and its response, by way of the database.

#include "onceward/idempotency_guard.hpp"
#include "open_transaction.hpp"
#include "operation.hpp"

namespace onceward::idempotency {

/// What of a guard each of its requests needs.
struct setting {
    const idempotency_guard::connections& lend;
    const idempotency_options& options;
    const std::string& endpoint;
    const idempotency_guard::handler& handle;
    const std::function<void(pqxx::connection&)>& afterwards;  ///< With the connection in hand.
};

class exchange {
public:
    exchange(const setting& s, const httplib::Request& rq, httplib::Response& rs)
        : setting_(s), request_(rq), response_(rs) {}

    /// Sets the response.
    void run();

private:
    /// COMMIT has failed or its reply was lost. Leaves the call that lends the connection, too.
    struct commit_in_doubt {};

    void run_without_key();
    void run_with(const std::string& key);
    [[nodiscard]] operation operation_of(const std::string& key) const;

    /// @return Whether the response is set; otherwise somebody is at the operation.
    bool attempt(const operation& o);
    bool look(pqxx::connection& c, const operation& o);
    void handle(open_transaction& t, const operation& o, const std::string& xact);
    [[nodiscard]] httplib::Response handled(pqxx::transaction_base& tx) const;
    void answer(httplib::Response&& r);
    void answer_again(const std::string& stored);
    void give_up();

    const setting setting_;
    const httplib::Request& request_;
    httplib::Response& response_;
    int doubts_ = 0;
};

}  // namespace onceward::idempotency
