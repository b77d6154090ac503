#include "common/http_api.hpp"

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <httplib.h>
#include <sys/socket.h>

#include "common/database.hpp"
#include "onceward/idempotency_guard.hpp"

namespace shop {

namespace {

constexpr std::size_t threads = 8;
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t path_bytes_max = 512;
constexpr int start_ms_max = 5'000;
constexpr auto repeat_wait = std::chrono::seconds(2);  // for the answer to a request in flight

bool has_body(const httplib::Request& rq) {
    return rq.method != "GET" && rq.method != "HEAD" && rq.method != "OPTIONS";
}

/// The status that refuses `rq` before its body is read; 0 lets it pass. This version of
/// cpp-httplib does not bound chunked or compressed bodies, and leaves a GET's body to be read as
/// the next request.
int refused(const httplib::Request& rq) {
    if (rq.path.size() > path_bytes_max) return 414;  // std::regex recurses per character.
    if (rq.has_header("Transfer-Encoding")) return 501;
    if (rq.has_header("Content-Encoding")) return 415;
    const std::string length = rq.get_header_value("Content-Length");
    if (!has_body(rq) && !length.empty() && length != "0") return 400;
    if (has_body(rq) && length.empty()) return 411;
    return 0;
}

void allow_quick_restart(socket_t fd) {
    // In place of the library's SO_REUSEPORT, which lets a second server take a share of the port.
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

void answer(httplib::Response& rs, int status, const nlohmann::json& body) {
    rs.status = status;
    rs.set_content(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                   "application/json");
}

request request_of(const httplib::Request& rq) {
    request mine{.captures = {}, .body = rq.body};
    for (std::size_t i = 1; i < rq.matches.size(); ++i) mine.captures.push_back(rq.matches[i]);
    return mine;
}

/// Answers what `work` says, or why the client's request cannot be handled.
void answer_by(const std::function<reply()>& work, httplib::Response& rs) try {
    const reply r = work();
    answer(rs, r.status, r.body);
} catch (const nlohmann::json::exception& error) {
    answer(rs, 400, {{"error", error.what()}});
} catch (const std::invalid_argument& error) {
    answer(rs, 400, {{"error", error.what()}});
}

/// An httplib handler that answers 503 where `handle` throws.
httplib::Server::Handler or_not_now(httplib::Server::Handler handle) {
    return [handle = std::move(handle)](const httplib::Request& rq, httplib::Response& rs) {
        try {
            handle(rq, rs);
        } catch (const std::exception& error) {
            std::cerr << rq.method << ' ' << rq.path << ": " << error.what() << '\n';
            answer(rs, 503, {{"error", "not now, ask again"}});
        }
    };
}

httplib::Server::Handler plain(http_api::handler h) {
    return or_not_now([h = std::move(h)](const auto& rq, auto& rs) {
        answer_by([&] { return h(request_of(rq)); }, rs);
    });
}

}  // namespace

class http_api::impl {
public:
    explicit impl(database& db)
        : guard([&db](const auto& use) { db.lend(use); }, {.wait = repeat_wait}) {}

    onceward::idempotency_guard guard;
    httplib::Server server;
    std::jthread thread;
};

http_api::http_api(database& db) : impl_(std::make_unique<impl>(db)) {
    auto& s = impl_->server;
    s.new_task_queue = [] { return new httplib::ThreadPool(threads); };
    s.set_keep_alive_max_count(1);
    s.set_payload_max_length(body_bytes_max);
    s.set_read_timeout(5);
    s.set_write_timeout(5);
    s.set_socket_options(allow_quick_restart);
    s.set_pre_routing_handler([](const httplib::Request& rq, httplib::Response& rs) {
        const int status = refused(rq);
        if (status == 0) return httplib::Server::HandlerResponse::Unhandled;
        rs.status = status;
        return httplib::Server::HandlerResponse::Handled;
    });
}

http_api::~http_api() {
    stop();
}

void http_api::get(const std::string& pattern, handler h) {
    impl_->server.Get(pattern, plain(std::move(h)));
}

void http_api::post(const std::string& pattern, handler h) {
    impl_->server.Post(pattern, plain(std::move(h)));
}

void http_api::post_once(const std::string& pattern, handler_in h) {
    auto guarded = impl_->guard.protect("POST " + pattern,
                                        [h = std::move(h)](auto& tx, const auto& rq, auto& rs) {
                                            answer_by([&] { return h(tx, request_of(rq)); }, rs);
                                        });
    impl_->server.Post(pattern, or_not_now(std::move(guarded)));
}

void http_api::start(int port) {
    if (!impl_->server.bind_to_port("127.0.0.1", port)) {
        throw std::runtime_error("port " + std::to_string(port) +
                                 " of 127.0.0.1 is taken; choose another by --port");
    }
    impl_->thread = std::jthread([this] { impl_->server.listen_after_bind(); });
    // A stop that comes before the thread listens would be overlooked, and the end wait for ever.
    for (int waited_ms = 0; !impl_->server.is_running(); ++waited_ms) {
        if (waited_ms == start_ms_max) throw std::runtime_error("the HTTP server does not start");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void http_api::stop() {
    impl_->server.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace shop
