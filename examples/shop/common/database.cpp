#include "common/database.hpp"

#include <utility>

namespace shop {

database::database(std::string conninfo) : conninfo_(std::move(conninfo)) {}

void database::transaction(const std::function<void(pqxx::work&)>& work) {
    lend([&](pqxx::connection& connection) {
        pqxx::work tx(connection);
        work(tx);
        tx.commit();
    });
}

void database::lend(const std::function<void(pqxx::connection&)>& use) {
    auto connection = take();
    use(*connection);
    give_back(std::move(connection));  // After an error the connection is closed instead.
}

std::unique_ptr<pqxx::connection> database::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    auto connection = std::make_unique<pqxx::connection>(conninfo_);
    pqxx::nontransaction(*connection).exec("SET statement_timeout = '10s'");
    return connection;
}

void database::give_back(std::unique_ptr<pqxx::connection> connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
}

}  // namespace shop
