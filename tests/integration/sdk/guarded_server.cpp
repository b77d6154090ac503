#include "guarded_server.hpp"

#include <latch>

#include <sys/socket.h>

#include "support/eventually.hpp"

namespace onceward::test {

namespace {

constexpr int threads = 60;  // more than the clients of a test
constexpr int seconds_max = 30;

thread_local int lent_here = 0;

}  // namespace

void small_pool::lend(const std::function<void(pqxx::connection&)>& use) {
    if (lent_here > 0) lent_two_to_one_ = true;
    free_.acquire();
    ++lent_here;
    try {
        auto c = take();
        use(*c);
        const std::lock_guard lock(mutex_);
        if (c->is_open()) idle_.push_back(std::move(c));
    } catch (...) {
        --lent_here;
        free_.release();
        throw;
    }
    --lent_here;
    free_.release();
}

std::unique_ptr<pqxx::connection> small_pool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto c = std::move(idle_.back());
            idle_.pop_back();
            return c;
        }
    }
    return std::make_unique<pqxx::connection>(conninfo_);
}

guarded_server::guarded_server(const std::string& conninfo, idempotency_guard::handler handle,
                               idempotency_options options, int connections)
    : pool(conninfo, connections),
      guard_([this](const auto& use) { pool.lend(use); }, std::move(options)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(threads); };
    server_.Post("/refunds", guard_.protect("POST /refunds", handle));
    server_.Post("/payouts", guard_.protect("POST /payouts", handle));
    socket_t listener = -1;
    server_.set_socket_options([&](socket_t s) { listener = s; });
    port_ = server_.bind_to_any_port("127.0.0.1");
    ::listen(listener, threads);  // cpp-httplib asks for a backlog of 5
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
}

guarded_server::~guarded_server() {
    server_.stop();
}

httplib::Response guarded_server::post(const std::string& key, const std::string& body,
                                       const std::string& target,
                                       const httplib::Headers& more) const {
    httplib::Client client("127.0.0.1", port_);
    client.set_read_timeout(seconds_max);
    httplib::Headers headers = more;
    if (!key.empty()) headers.emplace("Idempotency-Key", key);
    httplib::Response answer;
    const bool answered = eventually([&] {
        const auto got = client.Post(target, headers, body, "application/json");
        if (got) answer = *got;
        return static_cast<bool>(got);
    });
    if (!answered) answer.status = -1;
    return answer;
}

std::vector<httplib::Response> at_once(int count, const std::function<httplib::Response()>& ask) {
    std::vector<httplib::Response> answers(static_cast<std::size_t>(count));
    std::latch ready(count);
    std::vector<std::jthread> clients;
    for (auto& answer : answers) {
        clients.emplace_back([&] {
            ready.arrive_and_wait();
            answer = ask();
        });
    }
    clients.clear();
    return answers;
}

}  // namespace onceward::test
