#include "relay/io/pg_wal_reader.hpp"

#include <random>

#include <fmt/format.h>

#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

/// Small enough for a cursor that follows closely, rare enough to cost nothing.
constexpr std::chrono::milliseconds mark_interval{100};

/// How often an idle stream's publication is looked at.
constexpr std::chrono::milliseconds look_interval{1'000};

/// Whether another try with the same slot would come to the same end: what it brings is not
/// understood, the publication was not there at the time, or the slot was invalidated.
bool will_never_come(const failure& why) {
    return why.origin == "pgoutput" || why.origin == "replication_frame" ||
           why.origin == "sqlstate:42704" || why.origin == "sqlstate:55000";
}

/// Whoever may call pg_logical_emit_message, which is everybody by default, must not be able to
/// write a mark: its name is known to nobody before it is in the WAL.
std::string secret_name() {
    std::random_device dice;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", dice(), dice(), dice(), dice());
}

}  // namespace

pg_wal_reader::pg_wal_reader(const relay_options& options, pg::connection session,
                             slot_trouble_sink trouble, slot_loss_sink loss)
    : options_(options),
      session_(std::move(session)),
      slot_(options, std::move(trouble), std::move(loss)),
      decoder_(options.schema, options.schema) {}

result<slot_state> pg_wal_reader::prepare(const snapshot& seen, std::uint64_t wal) {
    return slot_.prepare(session_, seen, wal);
}

result<done> pg_wal_reader::start(std::uint64_t from) {
    auto made = replication_stream::open(
        options_.database, {.slot = slot_.name(), .publication = options_.schema, .from = from});
    if (!made) return made.error();
    stream_.emplace(std::move(*made));
    return done{};
}

result<std::optional<decoded>> pg_wal_reader::next(arena& memory, bool wait) {
    auto d = decode_next(memory, wait);
    if (d || !will_never_come(d.error())) return d;
    failure why = d.error();
    why.origin = "stream";
    return why;
}

result<std::optional<decoded>> pg_wal_reader::decode_next(arena& memory, bool wait) {
    auto m = stream_->next(wait ? options_.poll_max : std::chrono::milliseconds(0));
    if (!m) return m.error();
    if (!*m) return std::optional<decoded>();
    auto d = decoder_.take(**m, memory);
    if (!d) return d.error();
    return std::optional(*std::move(d));
}

result<bool> pg_wal_reader::intact() {
    const auto now = std::chrono::steady_clock::now();
    if (now < look_at_) return true;
    look_at_ = now + look_interval;
    auto r = session_.exec(
        pg::for_schema(sql::text("queries/wal_publication.sql"), options_.schema), {});
    if (!r) return r.error();
    return r->text(0, 0) == slot_.publication();
}

void pg_wal_reader::abandon(const std::string& why) {
    stream_.reset();
    decoder_ = outbox_decoder(options_.schema, options_.schema);
    slot_.abandon(why);
}

bool pg_wal_reader::mark_is_due() const {
    return std::chrono::steady_clock::now() >= marked_at_ + mark_interval;
}

/// The snapshot is the statement's own, and so is taken before the message is written.
result<wal_mark> pg_wal_reader::mark() {
    marked_at_ = std::chrono::steady_clock::now();
    const std::string name = secret_name();
    auto r = session_.exec(pg::for_schema(sql::text("queries/wal_mark.sql"), options_.schema),
                           {options_.schema, name});
    if (!r) return r.error();
    auto ended = snapshot::parse(r->text(0, 0));
    if (!ended) {
        return failure{.next = verdict::fatal,
                       .message = "the server sent no readable snapshot",
                       .origin = "wal_mark"};
    }
    return wal_mark{
        .name = name, .ended = std::move(*ended), .intact = r->text(0, 1) == slot_.publication()};
}

}  // namespace onceward::relay_core
