#include "http/server.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "http/connection.hpp"
#include "http/socket.hpp"
#include "http/workers.hpp"

namespace onceward::http {

namespace {

using clock = connection::clock;
using phase = connection::phase;

constexpr std::chrono::milliseconds pause_without_descriptors{100};

descriptor make_wake_up() {
    descriptor d(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!d) throw cannot_listen(false, "no descriptor is left; raise the limit of open files");
    return d;
}

pollfd waiting_for(int fd, short events) {
    return {.fd = events == 0 ? -1 : fd, .events = events, .revents = 0};
}

}  // namespace

class server::impl {
public:
    impl(const listen_address& at, std::vector<route> routes,
         std::function<void(const std::string&)> failed, const server_limits& limits)
        : limits_(limits),
          listener_(listening_socket(at)),
          router_(std::move(routes), std::move(failed)),
          workers_(limits.workers, limits.waiting),
          loop_([this](const std::stop_token& stop) { run(stop); }) {}

    ~impl() {
        loop_.request_stop();
        wake();
    }

    [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
    [[nodiscard]] server_counts counts() const {
        return {.answered = answered_, .refused = refused_, .cut = cut_, .open = open_};
    }

private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            wait();
            take_answers();
            take_clients();
            cut_off_the_slow();
            std::erase_if(clients_, [](const auto& c) { return c.second.now() == phase::gone; });
            open_ = clients_.size();
        }
    }

    /// Waits for clients, answers or the next deadline, then reads and writes what is possible.
    void wait() {
        const bool deaf = clock::now() < deaf_until_;
        std::vector<pollfd> all{waiting_for(wake_up_.get(), POLLIN),
                                waiting_for(listener_.get(), deaf ? 0 : POLLIN)};
        std::vector<std::uint64_t> ids;
        for (const auto& [id, c] : clients_) {
            all.push_back(waiting_for(c.fd(), c.events()));
            ids.push_back(id);
        }
        if (::poll(all.data(), all.size(), timeout_ms()) <= 0) return;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (all[i + 2].revents != 0) proceed(ids[i], clients_.at(ids[i]));
        }
    }

    [[nodiscard]] int timeout_ms() const {
        auto next = clock::now() + std::chrono::seconds(1);
        for (const auto& [id, c] : clients_) next = std::min(next, c.deadline());
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(next - clock::now());
        return static_cast<int>(std::max<std::int64_t>(left.count() + 1, 0));
    }

    void proceed(std::uint64_t id, connection& c) {
        if (!c.proceed()) return;
        if (const int status = c.request().status(); status != 0) return refuse(c, status);
        c.wait_for_answer();
        const bool accepted =
            workers_.add([this, id, text = c.request().clean_text()] { work(id, text); });
        if (!accepted) refuse(c, 503);
    }

    void refuse(connection& c, int status) {
        ++refused_;
        c.answer(short_response(status));
    }

    /// On a worker's thread.
    void work(std::uint64_t id, const std::string& text) {
        auto response = router_.answer(text);
        ++answered_;
        {
            const std::lock_guard lock(guard_);
            answers_.emplace_back(id, std::move(response));
        }
        wake();
    }

    void wake() {
        const std::uint64_t one = 1;
        // A counter that is full wakes as well.
        static_cast<void>(!::write(wake_up_.get(), &one, sizeof one));
    }

    void take_answers() {
        std::uint64_t times = 0;
        static_cast<void>(!::read(wake_up_.get(), &times, sizeof times));
        std::vector<std::pair<std::uint64_t, std::string>> answers;
        {
            const std::lock_guard lock(guard_);
            answers.swap(answers_);
        }
        for (auto& [id, response] : answers) {
            const auto c = clients_.find(id);
            if (c != clients_.end() && c->second.now() == phase::asked)
                c->second.answer(std::move(response));
        }
    }

    void take_clients() {
        for (;;) {
            descriptor socket(
                ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) {
                // Without a descriptor for the client, poll() would report it for ever.
                if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                    deaf_until_ = clock::now() + pause_without_descriptors;
                return;
            }
            if (clients_.size() >= limits_.connections && !make_room()) continue;
            clients_.emplace(++last_id_, connection(std::move(socket), limits_));
        }
    }

    /// Closes the oldest client that has not asked for anything yet.
    /// @return False when there is none: all are being served.
    bool make_room() {
        const auto idle = std::ranges::find_if(clients_, [](const auto& c) {
            return c.second.now() == phase::asking || c.second.now() == phase::leaving;
        });
        ++cut_;
        if (idle == clients_.end()) return false;
        clients_.erase(idle);
        return true;
    }

    void cut_off_the_slow() {
        const auto now = clock::now();
        for (auto& [id, c] : clients_) {
            if (now < c.deadline() || c.now() == phase::gone) continue;
            if (c.now() != phase::leaving) ++cut_;
            c.expire();
        }
    }

    const server_limits limits_;
    descriptor wake_up_ = make_wake_up();
    descriptor listener_;
    router router_;

    std::map<std::uint64_t, connection> clients_;  ///< By age; the loop's thread only.
    std::uint64_t last_id_ = 0;
    clock::time_point deaf_until_{};

    std::mutex guard_;
    std::vector<std::pair<std::uint64_t, std::string>> answers_;
    std::atomic<std::uint64_t> answered_{0}, refused_{0}, cut_{0};
    std::atomic<std::size_t> open_{0};

    workers workers_;
    std::jthread loop_;  // last: it uses all of the above
};

server::server(const listen_address& at, std::vector<route> routes,
               std::function<void(const std::string&)> failed, server_limits limits)
    : impl_(std::make_unique<impl>(at, std::move(routes), std::move(failed), limits)) {}

server::~server() = default;

std::uint16_t server::port() const {
    return impl_->port();
}

server_counts server::counts() const {
    return impl_->counts();
}

}  // namespace onceward::http
