#include "http/server.hpp"

#include <atomic>
#include <latch>
#include <optional>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "tcp_client.hpp"

namespace onceward::http {
namespace {

using namespace std::chrono_literals;
using test::ask;
using test::eventually;
using test::tcp_client;

const listen_address any_port{.host = "127.0.0.1", .port = 0};

/// A server with a quick route, one that waits for `release`, and one with a long answer.
class running {
public:
    explicit running(server_limits limits = {})
        : server_(
              any_port,
              {{"GET", "/quick", [](const request&) { return response{.body = "here"}; }},
               {"GET", "/slow",
                [this](const request&) {
                    ++waiting;
                    release.wait();
                    return response{.body = "at last"};
                }},
               {"GET", "/long",
                [](const request&) { return response{.body = std::string(32U << 20, 'x')}; }}},
              [](const std::string&) {}, limits) {}
    ~running() {
        if (!std::exchange(released_, true)) release.count_down();
    }
    void let_go() {
        released_ = true;
        release.count_down();
    }
    std::uint16_t port() { return server_.port(); }
    server_counts counts() { return server_.counts(); }

    std::atomic<int> waiting{0};
    std::latch release{1};

private:
    bool released_ = false;
    server server_;
};

bool is_ok(const std::string& response) {
    return response.starts_with("HTTP/1.1 200 ");
}

TEST(HttpServer, AnswersAndCloses) {
    running s;

    const auto r = ask(s.port(), "GET /quick");

    EXPECT_TRUE(is_ok(r)) << r;
    EXPECT_TRUE(r.ends_with("here")) << r;
    EXPECT_EQ(s.counts().answered, 1U);
}

TEST(HttpServer, RefusesASecondServerOnItsPort) {
    running s;

    try {
        const server second({.host = "127.0.0.1", .port = s.port()}, {}, [](const auto&) {});
        FAIL() << "it listens, too";
    } catch (const cannot_listen& e) {
        EXPECT_TRUE(e.is_taken());
        EXPECT_NE(std::string(e.what()).find("is taken by another program"), std::string::npos);
    }
}

TEST(HttpServer, SaysWhyItCannotListen) {
    try {
        const server s({.host = "203.0.113.1", .port = 1}, {}, [](const auto&) {});
        FAIL() << "it listens";
    } catch (const cannot_listen& e) {
        EXPECT_FALSE(e.is_taken());
        EXPECT_NE(std::string(e.what()).find("203.0.113.1:1"), std::string::npos) << e.what();
    }
}

TEST(HttpServer, RefusesBadRequestsWithoutAHandler) {
    running s;
    tcp_client c(s.port());
    c.send("POST /quick HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");

    EXPECT_TRUE(c.read_all().starts_with("HTTP/1.1 501 "));
    EXPECT_EQ(s.counts().answered, 0U);
    EXPECT_EQ(s.counts().refused, 1U);
}

// The response must arrive whole although the client has sent more than anybody will read.
TEST(HttpServer, GivesTheWholeAnswerToAClientThatSendsTooMuch) {
    running s;
    tcp_client c(s.port());
    c.send("POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
           std::string(100'000, 'x'));

    EXPECT_TRUE(c.read_all().ends_with("Payload Too Large\n"));
}

TEST(HttpServer, AnswersOneRequestOfSeveralThatAreSentTogether) {
    running s;
    tcp_client c(s.port());
    c.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\nGET /quick HTTP/1.1\r\nHost: a\r\n\r\n");

    const auto all = c.read_all();
    EXPECT_TRUE(is_ok(all));
    EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << all;
    EXPECT_EQ(s.counts().answered, 1U);
}

// Goal: clients that send a byte now and then hold up nobody, and are cut off although they never
// pause for long. Method: more of them than there are workers, each with one byte an iteration.
TEST(HttpServer, CutsOffAClientThatNeverFinishesAndServesOthersMeanwhile) {
    running s({.workers = 1, .to_ask = 500ms});
    std::vector<tcp_client> slow;
    for (int i = 0; i < 20; ++i) slow.emplace_back(s.port());
    for (auto& c : slow) c.send("GET /quick HTTP/1.1\r\nX: ");

    EXPECT_TRUE(is_ok(ask(s.port(), "GET /quick")));

    EXPECT_TRUE(eventually([&] {
        for (auto& c : slow) c.send("x");
        return s.counts().cut == slow.size();
    }));
    EXPECT_TRUE(slow.front().read_all().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(is_ok(ask(s.port(), "GET /quick")));
}

TEST(HttpServer, LetsTheOldestIdleClientGoWhenThereAreTooMany) {
    running s({.connections = 10, .to_ask = 1h});
    std::vector<tcp_client> idle;
    for (int i = 0; i < 200; ++i) idle.emplace_back(s.port());

    EXPECT_TRUE(is_ok(ask(s.port(), "GET /quick")));

    EXPECT_TRUE(eventually([&] { return idle.front().closed(); }));
    EXPECT_FALSE(idle.back().closed());
    EXPECT_LE(s.counts().open, 10U);
}

TEST(HttpServer, SaysThatItIsBusyWhenTooMuchWaits) {
    running s({.waiting = 1, .workers = 1});
    tcp_client running_one(s.port());
    running_one.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return s.waiting == 1; }));
    tcp_client first(s.port());
    tcp_client second(s.port());
    for (auto* c : {&first, &second}) c->send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return s.counts().refused == 1; }));

    s.let_go();

    const bool first_served = is_ok(first.read_all());
    const bool second_served = is_ok(second.read_all());
    EXPECT_NE(first_served, second_served);
    EXPECT_TRUE(is_ok(running_one.read_all()));
}

TEST(HttpServer, AnswersForAHandlerThatIsTooSlow) {
    running s({.to_answer = 50ms});
    tcp_client c(s.port());
    c.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");

    const auto r = c.read_all();

    EXPECT_TRUE(r.starts_with("HTTP/1.1 503 ")) << r;
    EXPECT_EQ(s.waiting, 1);
}

TEST(HttpServer, CutsOffAClientThatDoesNotReadItsAnswer) {
    running s({.workers = 1, .to_take = 200ms});
    tcp_client deaf(s.port());
    deaf.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return s.counts().answered == 1; }));

    EXPECT_TRUE(is_ok(ask(s.port(), "GET /quick")));  // the worker is free

    EXPECT_TRUE(eventually([&] { return s.counts().cut == 1 && s.counts().open == 0; }));
}

TEST(HttpServer, StopsWhileClientsAreConnected) {
    std::optional<running> s(std::in_place);
    tcp_client idle(s->port());
    tcp_client asking(s->port());
    asking.send("GET /qui");
    ASSERT_TRUE(eventually([&] { return s->counts().open == 2; }));

    s.reset();

    EXPECT_TRUE(eventually([&] { return idle.closed(); }));
}

}  // namespace
}  // namespace onceward::http
