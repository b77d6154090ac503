#include "relay/io/topic_limits.hpp"

#include <algorithm>
#include <utility>

#include "kafka/admin.hpp"

namespace onceward::relay_core {

namespace {

using namespace std::chrono_literals;

constexpr auto refreshed_after = 5min;
constexpr std::chrono::milliseconds patience_max = 1s;

/// What a message takes is then known only when it is compressed.
bool compresses(const relay_options& options) {
    for (const char* name : {"compression.codec", "compression.type"}) {
        const auto set = options.kafka.find(name);
        if (set != options.kafka.end() && set->second != "none") return true;
    }
    return false;
}

}  // namespace

topic_limits::topic_limits(const relay_options& options, relay::log_sink log)
    : options_(options),
      log_(std::move(log)),
      knowable_(!compresses(options)),
      patience_(std::min(options.lease_ttl / 8, patience_max)) {}

topic_limits::~topic_limits() = default;

std::optional<std::int64_t> topic_limits::of(const std::string& topic) {
    if (!knowable_) return std::nullopt;
    lock held(guard_);
    const auto& e = known_[topic];
    const bool is_new = e.asked == 0;
    const bool pending = e.asked != e.answered;
    if (is_new || (!pending && clock::now() - e.read_at > refreshed_after)) ask(held, topic);
    if (is_new) static_cast<void>(answered(held, topic));
    return e.bytes;
}

std::optional<std::int64_t> topic_limits::asked_anew(const std::string& topic) {
    if (!knowable_) return std::nullopt;
    lock held(guard_);
    ask(held, topic);
    return answered(held, topic) ? known_[topic].bytes : std::nullopt;
}

std::optional<std::int64_t> topic_limits::lowest() const {
    const lock held(guard_);
    std::optional<std::int64_t> least;
    for (const auto& [topic, e] : known_)
        if (e.bytes) least = std::min(least.value_or(*e.bytes), *e.bytes);
    return least;
}

void topic_limits::ask(lock&, const std::string& topic) {
    ++known_[topic].asked;
    wanted_.insert(topic);
    if (!thread_.joinable())
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    changed_.notify_all();
}

/// Waits for the answer to what was asked last, for a moment.
bool topic_limits::answered(lock& held, const std::string& topic) {
    const auto& e = known_[topic];
    return changed_.wait_for(held, patience_, [&] { return e.answered == e.asked; });
}

void topic_limits::serve(const std::stop_token& stop) {
    lock held(guard_);
    while (changed_.wait(held, stop, [this] { return !wanted_.empty(); })) {
        const auto topics = std::exchange(wanted_, {});
        held.unlock();
        read(topics, stop);
        held.lock();
        changed_.notify_all();
    }
}

void topic_limits::read(const std::set<std::string>& topics, const std::stop_token& stop) {
    std::map<std::string, std::uint64_t> asked;
    {
        const lock held(guard_);
        for (const auto& t : topics) asked[t] = known_[t].asked;
    }
    std::map<std::string, kafka::topic_description> found;
    for (const auto& t : topics) found[t].name = t;
    auto admin = kafka::admin::open(options_.brokers, options_.kafka);
    if (admin) admin->read_settings(found, stop);
    if (stop.stop_requested()) return;
    const lock held(guard_);
    for (const auto& [name, d] : found) {
        auto& e = known_[name];
        e.bytes = d.max_message_bytes;
        e.read_at = clock::now();
        e.answered = asked[name];
        if (!e.bytes) say_once(admin ? d.unread : admin.error().message);
    }
}

void topic_limits::say_once(const std::string& why) {
    if (std::exchange(has_said_, true)) return;
    log_({relay_log_line::level::info,
          "topics do not tell how large a message may be, so too large events are found by the "
          "brokers' refusals; allow DESCRIBE_CONFIGS on the topics to have them found before",
          {{"reason", why}}});
}

}  // namespace onceward::relay_core
