#include <array>
#include <functional>

#include <pqxx/pqxx>

#include "figures.hpp"
#include "onceward/outbox.hpp"
#include "probes.hpp"

namespace onceward::bench {

namespace {

/// Transactions of one kind that come in a row, before those of the next: a slow moment of the
/// machine hits all kinds.
constexpr std::uint64_t block = 100;

struct kind {
    const char* name;
    std::function<void(pqxx::work&)> add;
    double seconds = 0;
};

void transactions(pqxx::connection& c, kind& k) {
    const auto begin = clock::now();
    for (std::uint64_t i = 0; i < block; ++i) {
        pqxx::work tx(c);
        tx.exec_params("UPDATE bench.account SET balance = balance + 1 WHERE id = $1",
                       static_cast<std::int64_t>(i % 10));
        k.add(tx);
        tx.commit();
    }
    k.seconds += seconds_since(begin);
}

void insert_by_hand(pqxx::work& tx, const event& e) {
    tx.exec_params(
        "INSERT INTO onceward.outbox (topic, key, type, payload) "
        "VALUES ($1, convert_to($2, 'UTF8'), $3, convert_to($4, 'UTF8'))",
        e.topic, *e.key, e.type, *e.payload);
}

}  // namespace

void writer(const std::string& conninfo, std::uint64_t wanted) {
    pqxx::connection c(conninfo);
    const outbox out;
    const event e{
        .topic = "writer", .key = "key-1", .type = "bench", .payload = std::string(300, 'x')};
    std::array kinds{kind{"plain", [](auto&) {}},
                     kind{"insert", [&](auto& tx) { insert_by_hand(tx, e); }},
                     kind{"add", [&](auto& tx) { out.add(tx, e); }}};
    for (std::uint64_t done = 0; done < wanted; done += block)
        for (auto& k : kinds) transactions(c, k);
    std::vector<figure> rates;
    for (const auto& k : kinds)
        rates.emplace_back(std::string(k.name) + "_per_s", static_cast<double>(wanted) / k.seconds);
    print(rates);
}

}  // namespace onceward::bench
