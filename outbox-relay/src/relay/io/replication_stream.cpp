#include "relay/io/replication_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <poll.h>

namespace onceward::relay_core {

namespace {

using ms = std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr ms status_interval_max = 10s;

/// Statuses go four times as often as the server's patience lasts: it asks for one only in the
/// stream itself, which a slow reader has not reached.
result<std::chrono::milliseconds> status_interval(pg::connection& session) {
    auto r = session.command(
        "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'");
    if (!r) return r.error();
    const std::chrono::milliseconds patience{r->integer(0, 0)};
    return patience.count() == 0 ? status_interval_max
                                 : std::min(status_interval_max, patience / 4);
}

std::int64_t unix_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

result<replication_stream> replication_stream::open(const std::string& database,
                                                    const stream_source& source) {
    auto session = pg::connection::open_for_replication(database);
    if (!session) return session.error();
    replication_stream made(std::move(*session));
    if (auto r = made.start(source); !r) return r.error();
    return made;
}

result<done> replication_stream::start(const stream_source& source) {
    auto interval = status_interval(session_);
    if (!interval) return interval.error();
    status_interval_ = *interval;
    pg::checked_identifier(source.slot);
    pg::checked_identifier(source.publication);
    // Protocol 1 sends a transaction when it is committed, and whole: nothing is ever taken back.
    const std::string command = fmt::format(
        "START_REPLICATION SLOT \"{}\" LOGICAL {} (proto_version '1', publication_names '\"{}\"', "
        "binary 'true', messages 'true')",
        source.slot, to_string(source.from), source.publication);
    const pg::result_handle r(PQexec(session_.native(), command.c_str()));
    if (PQresultStatus(r.get()) != PGRES_COPY_BOTH) return session_.error(r.get());
    if (PQsetnonblocking(session_.native(), 1) != 0) return session_.error(nullptr);
    confirmed_ = source.from;
    told_ = source.from;
    told_at_ = clock::now();
    return done{};
}

void replication_stream::confirm(lsn place) {
    confirmed_ = std::max(confirmed_, place);
}

bool replication_stream::status_is_due() const {
    return reply_now_ || confirmed_ > told_ || clock::now() >= told_at_ + status_interval_;
}

result<done> replication_stream::keep_alive() {
    if (status_is_due()) {
        const std::string status =
            standby_status(std::max(looked_at_, confirmed_), confirmed_, unix_us());
        if (PQputCopyData(session_.native(), status.data(), static_cast<int>(status.size())) < 0)
            return session_.error(nullptr);
        told_ = confirmed_;
        told_at_ = clock::now();
        reply_now_ = false;
    }
    // What the socket did not take yet goes with the next call.
    if (PQflush(session_.native()) < 0) return session_.error(nullptr);
    return done{};
}

result<std::optional<std::string_view>> replication_stream::next(std::chrono::milliseconds wait) {
    const auto until = clock::now() + wait;
    for (;;) {
        if (auto r = keep_alive(); !r) return r.error();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
        auto came = receive(std::max(left, std::chrono::milliseconds(0)));
        if (!came) return came.error();
        if (!*came) return std::optional<std::string_view>();
        auto frame = parse_frame({frame_.get(), frame_size_});
        if (!frame) return frame.error();
        if (const auto* data = std::get_if<wal_data>(&*frame)) return std::optional(data->payload);
        const auto& alive = std::get<keepalive>(*frame);
        looked_at_ = std::max(looked_at_, alive.wal_end);
        reply_now_ = reply_now_ || alive.reply_now;
    }
}

/// @return Whether a frame has come.
result<bool> replication_stream::receive(std::chrono::milliseconds wait) {
    // What has arrived already is looked at before the socket is waited for: TLS may hold some.
    for (const auto pause : {std::optional(0ms), std::optional(wait), std::optional<ms>()}) {
        char* data = nullptr;
        const int size = PQgetCopyData(session_.native(), &data, /*async=*/1);
        if (size < 0) return ended();
        if (size > 0) {
            frame_.reset(data);
            frame_size_ = static_cast<std::size_t>(size);
            return true;
        }
        if (!pause) break;
        if (auto r = wait_for_socket(*pause); !r) return r.error();
    }
    return false;
}

result<done> replication_stream::wait_for_socket(std::chrono::milliseconds wait) {
    pollfd socket{.fd = PQsocket(session_.native()), .events = POLLIN, .revents = 0};
    const int ready = wait.count() == 0 ? 0 : ::poll(&socket, 1, static_cast<int>(wait.count()));
    if (ready < 0 && errno != EINTR) {
        return failure{.next = verdict::transient,
                       .message = fmt::format("cannot wait for PostgreSQL: {}", strerror(errno)),
                       .origin = "connection"};
    }
    if (PQconsumeInput(session_.native()) == 0) return session_.error(nullptr);
    return done{};
}

failure replication_stream::ended() {
    const pg::result_handle r(PQgetResult(session_.native()));
    if (r && PQresultStatus(r.get()) == PGRES_FATAL_ERROR) return session_.error(r.get());
    if (session_.broken()) return session_.error(nullptr);
    return {.next = verdict::transient,
            .message = "the server has ended the replication stream",
            .origin = "connection"};
}

}  // namespace onceward::relay_core
