#include "onceward/testing/handler_harness.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "inbox/core/digest.hpp"
#include "inbox/io/classify.hpp"
#include "inbox/io/context.hpp"
#include "inbox/io/ending.hpp"
#include "inbox/io/handlers.hpp"
#include "known_ids.hpp"
#include "onceward/testing/recorder.hpp"
#include "open_transaction.hpp"
#include "pg/pqxx_compat.hpp"

namespace onceward::testing {

namespace {

using inbox_core::admission;
using inbox_io::inbound;

message_id::time_point now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void add_header(std::vector<header>& headers, const std::string& name, const std::string& value) {
    const bool there =
        std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return h.name == name; });
    if (!there) headers.insert(headers.begin(), {name, value});
}

/// The message as it would have come from Kafka.
inbound arrived(message m, std::int64_t offset) {
    if (m.id == message_id{}) m.id = new_message_id();
    if (m.created_at == message_id::time_point{}) m.created_at = now();
    m.offset = offset;
    if (!m.type.empty()) add_header(m.headers, "type", m.type);
    add_header(m.headers, "id", m.id.to_string());
    inbound in{.what = std::move(m), .id_header = {}, .payload_hash = 0};
    in.id_header = *in.what.header_value("id");
    in.payload_hash = inbox_core::payload_hash(in.what.payload);
    return in;
}

/// What the handler of one delivery sees.
class recording_context final : public handler_context {
public:
    recording_context(pqxx::transaction_base* tx, const message& m) : tx_(tx), message_(m) {}

    pqxx::transaction_base& tx() override {
        if (tx_ != nullptr) return *tx_;
        throw harness_misused(
            "The handler asks for the transaction and this harness has no database: make it with "
            "a pqxx::connection, or let the handler work on what it is given");
    }

    message_id emit(event e) override {
        return recorded.emit(inbox_io::caused_by(message_, std::move(e)));
    }

    recorder recorded;

private:
    pqxx::transaction_base* tx_;
    const message& message_;
};

std::string xid(pqxx::transaction_base& tx) {
    return pqxx_compat::exec(tx, "SELECT pg_current_xact_id()")[0][0].c_str();
}

delivery not_applied(const inbox_io::ending& e) {
    const bool blamed = e.why.by == inbox_core::fault::message;
    return {.what = e.how == inbox_io::ending::kind::for_now ? outcome::retried
                    : blamed                                 ? outcome::refused
                                                             : outcome::stopped,
            .handled = true,
            .reason = e.why.reason,
            .sqlstate = e.why.sqlstate};
}

}  // namespace

class handler_harness::impl {
public:
    impl(pqxx::connection* database, const harness_options& o) : ids_(o.window_days) {
        if (o.outbox) outbox_.emplace(*o.outbox);
        if (database != nullptr) tx_.emplace(*database);
    }

    delivery deliver(message m) {
        auto in = arrived(std::move(m), next_offset_++);
        const auto d = ids_.judge(in, now());
        if (d.what == admission::quarantine) {
            return {.what = outcome::quarantined, .reason = d.reason};
        }
        if (d.what != admission::apply) return {.what = outcome::duplicate};
        in.what.attempt = ++tries_[in.what.id];
        auto done = apply(in);
        // A refused one is kept aside in its place, and its id counts as seen.
        if (done.what == outcome::applied || done.what == outcome::refused) ids_.remember(in);
        return done;
    }

    pqxx::transaction_base* tx() { return tx_ ? &tx_->tx() : nullptr; }

    inbox_io::handlers handle;

private:
    delivery apply(const inbound& in) {
        if (tx_) tx()->exec("SAVEPOINT onceward_delivery");
        try {
            auto done = call(in);
            if (tx_) tx()->exec("RELEASE SAVEPOINT onceward_delivery");
            return done;
        } catch (const harness_misused&) {
            throw;
        } catch (...) {
            const auto why = inbox_io::ending_of(std::current_exception(), &in, false, true);
            if (tx_) undo();
            return not_applied(why);
        }
    }

    void undo() {
        try {
            tx()->exec("ROLLBACK TO SAVEPOINT onceward_delivery");
        } catch (const std::exception&) {
            throw harness_misused(
                "The handler has ended the transaction, or its session is lost; it may use "
                "savepoints, but neither COMMIT nor ROLLBACK");
        }
    }

    delivery call(const inbound& in) {
        const auto* h = handle.find(in.what.topic, in.what.type);
        if (h == nullptr) return {.what = outcome::applied, .handled = false};
        const std::string before = tx_ ? xid(*tx()) : "";
        recording_context context(tx(), in.what);
        (*h)(context, in.what);
        if (tx_ && xid(*tx()) != before) {
            throw inbox_io::trouble("A handler has ended the inbox's transaction");
        }
        const auto& emitted = context.recorded.events();
        if (tx_ && outbox_ && !emitted.empty()) outbox_->add(*tx(), emitted);
        return {.what = outcome::applied, .handled = true, .emitted = emitted};
    }

    known_ids ids_;
    std::optional<outbox> outbox_;
    std::optional<open_transaction> tx_;
    std::map<message_id, int> tries_;
    std::int64_t next_offset_ = 0;
};

handler_harness::handler_harness() : impl_(std::make_unique<impl>(nullptr, harness_options{})) {}

handler_harness::handler_harness(pqxx::connection& database, harness_options options)
    : impl_(std::make_unique<impl>(&database, options)) {}

handler_harness::~handler_harness() = default;

void handler_harness::on(std::string topic, std::string type, handler h) {
    impl_->handle.add(std::move(topic), std::move(type), std::move(h));
}

void handler_harness::on_other(std::string topic, handler h) {
    impl_->handle.add_other(std::move(topic), std::move(h));
}

delivery handler_harness::deliver(message m) {
    return impl_->deliver(std::move(m));
}

pqxx::transaction_base& handler_harness::tx() {
    if (auto* tx = impl_->tx()) return *tx;
    throw harness_misused("This harness has no database: make it with a pqxx::connection");
}

}  // namespace onceward::testing
