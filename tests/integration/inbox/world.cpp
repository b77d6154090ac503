#include "world.hpp"

#include <cstdio>
#include <stdexcept>

#include "support/test_database.hpp"

namespace onceward::test {

namespace {

rd_kafka_t* make_producer(const std::string& brokers) {
    auto* conf = rd_kafka_conf_new();
    char why[256] = "";
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", brokers.c_str()}, {"linger.ms", "0"}}) {
        if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
            throw std::runtime_error(why);
        }
    }
    auto* k = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (k == nullptr) throw std::runtime_error(why);
    return k;
}

using client = std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>>;

client make_group_client(const std::string& brokers) {
    auto* conf = rd_kafka_conf_new();
    char why[256] = "";
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", brokers.c_str()}, {"group.id", "shipping"}}) {
        if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
            throw std::runtime_error(why);
        }
    }
    client k{rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why)};
    if (!k) throw std::runtime_error(why);
    return k;
}

kafka::rd_partitions first_partition(std::int64_t offset) {
    kafka::rd_partitions list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), "orders", 0)->offset = offset;
    return list;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"  // in librdkafka's macros
void send(rd_kafka_t* producer, const raw_message& m) {
    auto* headers = rd_kafka_headers_new(m.headers.size());
    for (const auto& h : m.headers) {
        rd_kafka_header_add(headers, h.name.data(), static_cast<ssize_t>(h.name.size()),
                            h.value.data(), static_cast<ssize_t>(h.value.size()));
    }
    const auto data = [](const std::optional<std::string>& s) {
        return s ? const_cast<char*>(s->data()) : nullptr;
    };
    const auto size = [](const std::optional<std::string>& s) { return s ? s->size() : 0; };
    const auto e = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_PARTITION(m.partition),
        RD_KAFKA_V_KEY(data(m.key), size(m.key)),
        RD_KAFKA_V_VALUE(data(m.payload), size(m.payload)), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(e));
}
#pragma GCC diagnostic pop

}  // namespace

raw_message raw_message::of(const message_id& id, int value, std::int32_t partition) {
    return {.partition = partition,
            .payload = std::to_string(value),
            .headers = {{"id", id.to_string()}, {"type", "placed"}}};
}

message_id id_with_skew(std::chrono::milliseconds skew) {
    auto raw = new_message_id().raw();
    const auto ms =
        static_cast<std::uint64_t>((new_message_id().time() + skew).time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    return message_id{raw};
}

world::world(int partitions)
    : database(migrated_database()),
      service(login_in(database, "onceward_inbox, onceward_app")),
      broker({{.name = "orders", .partitions = partitions}}),
      connection_(connect(database)),
      producer_(make_producer(broker.bootstrap())) {
    // The service's own tables, beside which it has what a consumer is granted and no more.
    const std::string login = service.substr(service.rfind('=') + 1);
    value("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO " + login);
    value("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO " + login);
    value("CREATE TABLE ledger (n bigserial, id uuid, part int, v int)");
}

world::~world() {
    rd_kafka_destroy(producer_);
}

void world::produce(const std::vector<raw_message>& messages) {
    for (const auto& m : messages) send(producer_, m);
    if (rd_kafka_flush(producer_, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error("the broker does not take the messages");
    }
}

std::vector<message_id> world::produce_values(int count, int first, std::int32_t partition) {
    std::vector<raw_message> messages;
    std::vector<message_id> ids;
    for (int i = 0; i < count; ++i) {
        ids.push_back(new_message_id());
        messages.push_back(raw_message::of(ids.back(), first + i, partition));
    }
    produce(messages);
    return ids;
}

void world::commit_in_kafka(std::int64_t offset) {
    const auto k = make_group_client(broker.bootstrap());
    const kafka::rd_partitions list = first_partition(offset);
    const auto e = rd_kafka_commit(k.get(), list.get(), 0);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(e));
}

std::int64_t world::committed_in_kafka() {
    const auto k = make_group_client(broker.bootstrap());
    const kafka::rd_partitions list = first_partition(RD_KAFKA_OFFSET_INVALID);
    const auto e = rd_kafka_committed(k.get(), list.get(), 5'000);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(e));
    return list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
}

std::int64_t world::sessions(const std::string& property) const {
    auto c = connect(database);
    return std::stoll(value_of(
        c, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND " +
               property));
}

void world::allow_connections(bool yes) {
    const auto name = value("SELECT current_database()");
    auto c = connect(server().conninfo());
    value_of(c, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS " + (yes ? "true" : "false"));
    if (yes) return;
    value_of(c, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" +
                    name + "' AND pid <> " + value("SELECT pg_backend_pid()"));
}

inbox_options world::options() const {
    using namespace std::chrono_literals;
    return {.consumer = "shipping",
            .database = service,
            .brokers = broker.bootstrap(),
            .kafka = {{"fetch.wait.max.ms", "10"}},
            .workers = 2,
            .retry_min = 5ms,
            .retry_max = 50ms,
            .session_timeout = 3s};
}

std::string world::value(const std::string& sql) {
    return value_of(connection_, sql);
}

void write_ledger(handler_context& context, const message& m) {
    auto& tx = context.tx();
    tx.exec("INSERT INTO ledger (id, part, v) VALUES (" + tx.quote(m.id.to_string()) + ", " +
            std::to_string(m.partition) + ", " + m.payload.value() + ")");
}

running_inbox::running_inbox(const inbox_options& options, handler h) : inbox_(options) {
    inbox_.on_other("orders", std::move(h));
    inbox_.log_to([this](const inbox_log_line& line) {
        const std::lock_guard lock(mutex_);
        log_ += line.message + "\n";
    });
    thread_ = std::jthread([this](const std::stop_token& stop) {
        try {
            inbox_.run(stop);
        } catch (const std::exception& e) {
            const std::lock_guard lock(mutex_);
            log_ += std::string("run: ") + e.what() + "\n";
        }
    });
}

std::chrono::milliseconds running_inbox::stop() {
    const auto begun = std::chrono::steady_clock::now();
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begun);
}

bool running_inbox::logged(const std::string& part) const {
    return log().find(part) != std::string::npos;
}

std::string running_inbox::log() const {
    const std::lock_guard lock(mutex_);
    return log_;
}

}  // namespace onceward::test
