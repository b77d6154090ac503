#include "http/router.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace onceward::http {
namespace {

std::string asked(const std::string& line, const std::string& more = "\r\n") {
    return line + " HTTP/1.1\r\nhost: a\r\n" + more;
}

class Router : public testing::Test {
protected:
    std::string failures_;
    router router_{{{"GET", "/hello",
                     [](const request& rq) -> response {
                         const auto name = rq.query.find("name");
                         return {.body = "hello " + (name == rq.query.end() ? "" : name->second)};
                     }},
                    {"POST", "/echo",
                     [](const request& rq) -> response {
                         return {.status = 202, .body = rq.authorization + '|' + rq.body};
                     }},
                    {"GET", "/throws",
                     [](const request&) -> response { throw std::runtime_error("the secret"); }}},
                   [this](const std::string& what) { failures_ += what; }};
};

TEST_F(Router, ServesAPathWithItsQuery) {
    const auto r = router_.answer(asked("GET /hello?name=ann"));

    EXPECT_TRUE(r.starts_with("HTTP/1.1 200 ")) << r;
    EXPECT_TRUE(r.ends_with("\r\n\r\nhello ann")) << r;
}

TEST_F(Router, HandsTheBodyAndTheAuthorizationOn) {
    const auto r = router_.answer(
        asked("POST /echo", "authorization: Bearer x\r\ncontent-length: 3\r\n\r\nabc"));

    EXPECT_TRUE(r.starts_with("HTTP/1.1 202 ")) << r;
    EXPECT_TRUE(r.ends_with("Bearer x|abc")) << r;
}

TEST_F(Router, ServesHeadWithoutABody) {
    const auto r = router_.answer(asked("HEAD /hello"));

    EXPECT_TRUE(r.starts_with("HTTP/1.1 200 ")) << r;
    EXPECT_TRUE(r.ends_with("\r\n\r\n")) << r;
}

TEST_F(Router, TellsAWrongPathFromAWrongMethod) {
    EXPECT_TRUE(router_.answer(asked("GET /none")).starts_with("HTTP/1.1 404 "));
    const auto r = router_.answer(asked("GET /echo"));
    EXPECT_TRUE(r.starts_with("HTTP/1.1 405 ")) << r;
    EXPECT_NE(r.find("\r\nAllow: POST\r\n"), std::string::npos) << r;
    EXPECT_TRUE(router_.answer(asked("OPTIONS /hello")).starts_with("HTTP/1.1 405 "));
    EXPECT_TRUE(router_.answer(asked("DELETE /hello")).starts_with("HTTP/1.1 405 "));
}

TEST_F(Router, TellsTheLogAndNotTheClientWhatAHandlerThrew) {
    const auto r = router_.answer(asked("GET /throws"));

    EXPECT_TRUE(r.starts_with("HTTP/1.1 500 ")) << r;
    EXPECT_EQ(r.find("secret"), std::string::npos) << r;
    EXPECT_EQ(r.find("EXCEPTION"), std::string::npos) << r;
    EXPECT_EQ(failures_, "/throws: the secret");
}

TEST_F(Router, LetsNobodyKeepOrEmbedAnAnswer) {
    for (const char* path : {"/hello", "/none", "/throws"}) {
        const auto r = router_.answer(asked(std::string("GET ") + path));
        for (const char* header :
             {"\r\nCache-Control: no-store\r\n", "\r\nX-Content-Type-Options: nosniff\r\n",
              "\r\nContent-Security-Policy: default-src 'none'", "\r\nReferrer-Policy: no-referrer",
              "\r\nConnection: close\r\n"}) {
            EXPECT_NE(r.find(header), std::string::npos) << header << " in " << r;
        }
    }
}

TEST(ShortResponse, IsAWholeResponse) {
    const auto r = short_response(413);

    EXPECT_TRUE(r.starts_with("HTTP/1.1 413 Payload Too Large\r\n")) << r;
    EXPECT_TRUE(r.ends_with("Content-Length: 18\r\n\r\nPayload Too Large\n")) << r;
}

}  // namespace
}  // namespace onceward::http
