#include <cstring>
#include <stdexcept>
#include <vector>

#include "client.hpp"
#include "core/id_text.hpp"
#include "figures.hpp"
#include "kafka/murmur2.hpp"
#include "pg/connection.hpp"

namespace onceward::bench {

namespace {

constexpr const char* batch_sql =
    "SELECT seq::text, id, key, payload FROM bench.naive ORDER BY seq LIMIT 5000 "
    "FOR UPDATE SKIP LOCKED";

struct row {
    std::string seq, key, payload;
    message_id id;
};

row row_of(std::span<const pg::binary_field> f) {
    const auto text = [&](std::size_t i) { return std::string(f[i].data, f[i].size); };
    message_id::bytes id{};
    std::memcpy(id.data(), f[1].data, id.size());
    return {.seq = text(0), .key = text(2), .payload = text(3), .id = message_id(id)};
}

kafka::rd_headers id_header(const message_id& id) {
    kafka::rd_headers headers(rd_kafka_headers_new(1));
    const auto text = id_text(id);
    rd_kafka_header_add(headers.get(), "id", 2, text.data(), static_cast<ssize_t>(text.size()));
    return headers;
}

template <class T>
void must(const result<T>& r) {
    if (!r) throw std::runtime_error(r.error().message);
}

/// One batch, in one transaction. @return Its events.
std::uint64_t relay_batch(pg::connection& c, producer& to, const load& l) {
    std::vector<row> batch;
    std::string seqs;
    must(c.command("BEGIN"));
    must(c.stream("batch", batch_sql, {}, [&](std::span<const pg::binary_field> f) {
        batch.push_back(row_of(f));
        seqs += (seqs.empty() ? "{" : ",") + batch.back().seq;
        return true;
    }));
    for (const auto& r : batch)
        to.send(kafka::partition_of(r.key, l.partitions), r.key, r.payload, id_header(r.id));
    to.finish();
    if (!batch.empty())
        must(c.exec("DELETE FROM bench.naive WHERE seq = ANY ($1::bigint[])", {seqs + "}"}));
    must(c.command("COMMIT"));
    return batch.size();
}

}  // namespace

void naive(const std::string& conninfo, const load& l) {
    auto c = pg::connection::open(conninfo);
    must(c);
    producer to(l.brokers, l.topic);
    const auto begin = clock::now();
    std::uint64_t events = 0;
    while (const auto some = relay_batch(*c, to, l)) events += some;
    print_rate(static_cast<double>(events), seconds_since(begin));
}

}  // namespace onceward::bench
