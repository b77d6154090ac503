#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client.hpp"
#include "figures.hpp"
#include "kafka/murmur2.hpp"
#include "pg/connection.hpp"

namespace onceward::bench {

namespace {

double ms_between(clock::time_point begin, clock::time_point end) {
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

/// When each event was due, and when it was seen. Written by one thread each.
class journey {
public:
    journey(const load& l, const pace& p)
        : begin_(clock::now() + std::chrono::milliseconds(200)),
          per_second_(p.per_second),
          took_ms_(p.per_second * p.seconds),
          consumer_(l, [this](std::string_view payload) { arrived(number_of(payload)); }) {}

    [[nodiscard]] std::uint64_t size() const { return took_ms_.size(); }
    void wait_until_due(std::uint64_t number) const { std::this_thread::sleep_until(due(number)); }

    /// Waits for all, and prints with `others` what they took, counted from when each was due.
    void print_with(std::vector<figure> others) {
        const auto patience = clock::now() + std::chrono::seconds(60);
        while (arrived_ < size()) {
            if (clock::now() > patience) throw std::runtime_error("not all events arrived in 60 s");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        others.emplace_back("p50_ms", percentile(took_ms_, 0.5));
        others.emplace_back("p99_ms", percentile(took_ms_, 0.99));
        print(others);
    }

private:
    [[nodiscard]] clock::time_point due(std::uint64_t number) const {
        return begin_ + std::chrono::nanoseconds(1'000'000'000 / per_second_ * number);
    }
    void arrived(std::uint64_t number) {
        if (number >= size() || took_ms_[number] > 0) return;  // a repeat
        took_ms_[number] = ms_between(due(number), clock::now());
        ++arrived_;
    }

    clock::time_point begin_;
    std::uint64_t per_second_;
    std::vector<double> took_ms_;
    std::atomic<std::uint64_t> arrived_{0};
    consumer consumer_;
};

/// Inserts every `step`th event at its time, a transaction each; adds what each took to `took_ms`.
void insert(const std::string& conninfo, const load& l, const journey& j, std::uint64_t first,
            std::uint64_t step, std::vector<double>& took_ms) {
    auto c = pg::connection::open(conninfo);
    if (!c) throw std::runtime_error(c.error().message);
    for (std::uint64_t i = first; i < j.size(); i += step) {
        j.wait_until_due(i);
        const auto begin = clock::now();
        auto r = c->exec(
            "INSERT INTO onceward.outbox (topic, key, type, payload) "
            "VALUES ($1, convert_to($2, 'UTF8'), 'bench', convert_to($3, 'UTF8'))",
            {l.topic, key_of(l, i), payload_of(l, i)});
        if (!r) throw std::runtime_error(r.error().message);
        took_ms.push_back(ms_between(begin, clock::now()));
    }
}

}  // namespace

void floor(const load& l, const pace& p) {
    producer to(l.brokers, l.topic, {{"linger.ms", "0"}});
    journey j(l, p);
    std::vector<std::string> payloads(j.size());
    for (std::uint64_t i = 0; i < j.size(); ++i) {
        const std::string key = key_of(l, i);
        payloads[i] = payload_of(l, i);
        j.wait_until_due(i);
        to.send(kafka::partition_of(key, l.partitions), key, payloads[i]);
    }
    to.finish();
    j.print_with({});
}

void path(const std::string& conninfo, const load& l, const pace& p) {
    constexpr std::uint64_t sessions = 4;
    journey j(l, p);
    std::vector<std::vector<double>> took_ms(sessions);
    std::vector<std::jthread> writers;
    std::exception_ptr failed;
    std::mutex guard;
    for (std::uint64_t s = 0; s < sessions; ++s) {
        writers.emplace_back([&, s] {
            try {
                insert(conninfo, l, j, s, sessions, took_ms[s]);
            } catch (...) {
                const std::lock_guard lock(guard);
                failed = std::current_exception();
            }
        });
    }
    writers.clear();  // joins
    if (failed) std::rethrow_exception(failed);
    std::vector<double> commits;
    for (const auto& each : took_ms) commits.insert(commits.end(), each.begin(), each.end());
    j.print_with({{"commit_p50_ms", percentile(commits, 0.5)},
                  {"commit_p99_ms", percentile(commits, 0.99)}});
}

}  // namespace onceward::bench
