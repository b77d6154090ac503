#include "inbox/io/consumer.hpp"

#include <algorithm>
#include <future>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "faults/faults.hpp"
#include "inbox/io/consumer_config.hpp"
#include "kafka/verdict.hpp"

namespace onceward::inbox_io {

namespace {

using clock = std::chrono::steady_clock;

constexpr int poll_ms = 100;

bool has_assignment(rd_kafka_t* k) {
    rd_kafka_topic_partition_list_t* list = nullptr;
    if (rd_kafka_assignment(k, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const kafka::rd_partitions owner{list};
    return list->cnt > 0;
}

/// Closes in a thread of its own, because librdkafka's close and destroy may hang.
/// @param destroy  Not while somebody still uses one of the handle's queues.
bool end_handle(rd_kafka_t* k, std::shared_ptr<void> callbacks, bool destroy,
                clock::time_point deadline) {
    std::promise<void> ended;
    auto end = ended.get_future();
    std::thread([k, destroy, callbacks = std::move(callbacks), ended = std::move(ended)]() mutable {
        rd_kafka_consumer_close(k);
        if (destroy) rd_kafka_destroy(k);
        ended.set_value();
    }).detach();
    return end.wait_until(deadline) == std::future_status::ready && destroy;
}

std::string fatal_error(rd_kafka_t* k) {
    char text[512] = "";
    const auto e = rd_kafka_fatal_error(k, text, sizeof text);
    return e == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string{}
                                           : fmt::format("{} ({})", text, rd_kafka_err2name(e));
}

}  // namespace

consumer::consumer(std::shared_ptr<environment> env, std::shared_ptr<const store> tables,
                   std::vector<std::shared_ptr<worker>> workers, session& control)
    : env_(std::move(env)),
      tables_(std::move(tables)),
      workers_(std::move(workers)),
      control_(control) {}

result<std::unique_ptr<consumer>> consumer::make(std::shared_ptr<environment> env,
                                                 std::shared_ptr<const store> tables,
                                                 std::vector<std::shared_ptr<worker>> workers,
                                                 session& control) {
    auto conf = consumer_config(env->options);
    if (!conf) return conf.error();
    std::unique_ptr<consumer> c{
        new consumer(std::move(env), std::move(tables), std::move(workers), control)};
    c->callee_->present = c.get();
    rd_kafka_conf_set_opaque(conf->get(), c->callee_.get());
    rd_kafka_conf_set_rebalance_cb(conf->get(), &consumer::on_rebalance);
    rd_kafka_conf_set_log_cb(conf->get(), &consumer::on_log);
    char why[512] = "";
    c->kafka_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf->get(), why, sizeof why);
    if (c->kafka_ == nullptr) {
        return failure{verdict::fatal, fmt::format("librdkafka refuses its configuration: {}", why),
                       "kafka:config"};
    }
    static_cast<void>(conf->release());  // rd_kafka_new has taken it
    const auto problem = c->subscribe();
    if (problem) return *problem;
    return c;
}

consumer::~consumer() {
    close(clock::now() + env_->options.stop_timeout);
}

std::optional<failure> consumer::subscribe() {
    rd_kafka_poll_set_consumer(kafka_);
    rd_kafka_set_log_queue(kafka_, nullptr);
    const auto topics = env_->handle.topics();
    const kafka::rd_partitions list{
        rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
    for (const auto& t : topics) {
        rd_kafka_topic_partition_list_add(list.get(), t.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const auto e = rd_kafka_subscribe(kafka_, list.get());
    if (e == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return kafka::failure_of(e, "Kafka does not take the subscription");
}

std::string consumer::run(std::stop_token stop) {
    stop_ = stop;
    while (!stop.stop_requested() && rebuild_.empty()) {
        poll_once();
        commit_to_kafka();
        if (const auto fatal = fatal_error(kafka_); !fatal.empty()) rebuild_ = fatal;
    }
    return stop.stop_requested() ? std::string{} : rebuild_;
}

void consumer::poll_once() {
    const kafka::rd_message m{rd_kafka_consumer_poll(kafka_, poll_ms)};
    if (!m) return;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return report(m->err, rd_kafka_message_errstr(m.get()));
    // Its partition's own queue may hold later ones already: let the partition read from its
    // position again, which brings this one in its place.
    const place at{rd_kafka_topic_name(m->rkt), m->partition};
    env_->log.warning(fmt::format("{}[{}]: offset {} came on the common queue; reading again",
                                  at.topic, at.partition, m->offset));
    for (const auto& o : owned_) {
        if (o.p->at == at) o.p->rewind_wanted = true;
    }
}

/// The same line at most every ten seconds: librdkafka repeats itself while a broker is away.
void consumer::report(rd_kafka_resp_err_t e, const std::string& text) {
    if (e == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
    const auto now = clock::now();
    if (text == last_reported_ && now - last_report_at_ < std::chrono::seconds{10}) return;
    last_reported_ = text;
    last_report_at_ = now;
    env_->log.warning(fmt::format("Kafka: {} ({})", text, rd_kafka_err2name(e)));
}

void consumer::on_log(const rd_kafka_t* k, int level, const char* facility, const char* text) {
    constexpr int syslog_warning = 4;
    const auto* c = static_cast<const callee*>(rd_kafka_opaque(k))->present.load();
    if (c == nullptr) return;
    // Kafka's own offset is informational: that it was not stored is no news for a person.
    const bool notable = level <= syslog_warning && std::string_view{facility} != "COMMITFAIL";
    c->env_->log.write(notable ? log_sink::level::warning : log_sink::level::debug,
                       fmt::format("librdkafka {}: {}", facility, text));
}

void consumer::on_rebalance(rd_kafka_t* k, rd_kafka_resp_err_t e,
                            rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* c = static_cast<const callee*>(opaque)->present.load();
    if (c != nullptr && e == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return c->assign(*list);
    if (c != nullptr) c->revoke();
    rd_kafka_assign(k, nullptr);
}

void consumer::assign(const rd_kafka_topic_partition_list_t& list) {
    give_up_partitions(clock::now() + env_->options.session_timeout);
    const auto deadline = clock::now() + 2 * env_->options.session_timeout;
    const kafka::rd_partitions to{rd_kafka_topic_partition_list_new(list.cnt)};
    for (int i = 0; i < list.cnt && rebuild_.empty(); ++i) {
        const place at{list.elems[i].topic, list.elems[i].partition};
        const auto t = take_within_bound(at, deadline);
        if (!t) {
            rebuild_ = t.error().message;
        } else if (!t->problem.empty()) {
            keep_stopped(at, *t);
        } else {
            own(at, t->at);
            rd_kafka_topic_partition_list_add(to.get(), at.topic.c_str(), at.partition)->offset =
                t->at.next_off;
        }
    }
    start_reading(*to);
}

/// The partitions' queues are cut from the common one before librdkafka begins to fetch, and the
/// workers hear of them after.
void consumer::start_reading(const rd_kafka_topic_partition_list_t& to) {
    const auto e =
        rebuild_.empty() ? rd_kafka_assign(kafka_, &to) : rd_kafka_assign(kafka_, nullptr);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) rebuild_ = rd_kafka_err2str(e);
    if (!rebuild_.empty()) return owned_.clear();
    for (const auto& o : owned_) o.by->add(o.p);
}

/// Retries for as long as the group may wait. After that another consumer is made, so that a
/// partition that nobody can take is not held by one who cannot.
result<taken> consumer::take_within_bound(const place& at, clock::time_point deadline) {
    inbox_core::retry pause(env_->options.retry_min, env_->options.retry_max);
    for (;;) {
        auto t = take_partition(*env_, *tables_, control_, kafka_, at);
        const auto wait = pause.failed(roll_dice());
        if (t || stop_.stop_requested() || clock::now() + wait >= deadline) return t;
        std::this_thread::sleep_for(wait);
    }
}

void consumer::own(const place& at, inbox_core::position from) {
    const auto& by = least_loaded();
    auto p = std::make_shared<partition>(*env_, kafka_, at, from, by->signal());
    p->detach_queue();
    owned_.push_back({std::move(p), by});
    committed_[at] = from.next_off;
    env_->log.info(fmt::format("{}[{}] is ours, epoch {}, position {}", at.topic, at.partition,
                               from.epoch, from.next_off));
}

void consumer::keep_stopped(const place& at, const taken& t) {
    env_->log.error(fmt::format("{}[{}] has STOPPED and waits for a person: {}", at.topic,
                                at.partition, t.problem));
    write_stopped(*env_, *tables_, control_, at, t.at.epoch, t.problem);
    ++env_->count.stopped_partitions;
}

void consumer::revoke() {
    if (!owned_.empty()) env_->log.info(fmt::format("giving {} partitions back", owned_.size()));
    give_up_partitions(clock::now() + env_->options.session_timeout);
}

void consumer::give_up_partitions(clock::time_point deadline) {
    for (const auto& o : owned_) {
        if (o.by->remove(o.p, deadline)) {
            o.p->close_queue();  // The worker may still hold the partition, but never serves it.
            continue;
        }
        // Its transaction goes on for a while; the epoch keeps it from doing harm.
        env_->log.warning(fmt::format("{}[{}] is still in a batch while it is given back",
                                      o.p->at.topic, o.p->at.partition));
        lingering_.push_back(o.p);
    }
    commit_to_kafka();
    owned_.clear();
    committed_.clear();
}

void consumer::commit_to_kafka() {
    const kafka::rd_partitions list{
        rd_kafka_topic_partition_list_new(static_cast<int>(owned_.size()))};
    for (const auto& o : owned_) {
        const auto next = o.p->applied_off.load();
        if (std::exchange(committed_[o.p->at], next) == next) continue;
        rd_kafka_topic_partition_list_add(list.get(), o.p->at.topic.c_str(), o.p->at.partition)
            ->offset = next;
    }
    if (list->cnt == 0) return;
    faults::crash_point("inbox.before_kafka_commit");
    const auto e = rd_kafka_commit(kafka_, list.get(), 1);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) {
        env_->log.debug(fmt::format("Kafka's own offset was not stored: {}", rd_kafka_err2str(e)));
    }
}

const std::shared_ptr<worker>& consumer::least_loaded() const {
    std::map<const worker*, std::size_t> load;
    for (const auto& o : owned_) ++load[o.by.get()];
    return *std::min_element(workers_.begin(), workers_.end(), [&](const auto& a, const auto& b) {
        return load[a.get()] < load[b.get()];
    });
}

bool consumer::close(clock::time_point deadline) {
    if (kafka_ == nullptr) return true;
    give_up_partitions(deadline);
    rd_kafka_unsubscribe(kafka_);
    while (has_assignment(kafka_) && clock::now() < deadline) {
        const kafka::rd_message unread{rd_kafka_consumer_poll(kafka_, 20)};
    }
    callee_->present = nullptr;
    const bool used = std::any_of(lingering_.begin(), lingering_.end(),
                                  [](const auto& p) { return p.use_count() > 1; });
    lingering_.clear();
    return end_handle(std::exchange(kafka_, nullptr), callee_, !used, deadline);
}

}  // namespace onceward::inbox_io
