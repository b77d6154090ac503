#include "http/request_reader.hpp"

#include <gtest/gtest.h>

namespace onceward::http {
namespace {

using state = request_reader::state;

const std::string get = "GET /metrics HTTP/1.1\r\nHost: a\r\n";

/// The status that refuses a request; 0: it is whole, -1: there should be more.
int status_of(const std::string& text, request_limits limits = {}) {
    request_reader r(limits);
    switch (r.take(text)) {
        case state::more:
            return -1;
        case state::whole:
            return 0;
        case state::refused:
            return r.status();
    }
    return -2;
}

std::string post(const std::string& headers, const std::string& body = "") {
    return "POST /api HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

TEST(RequestReader, TakesAWholeRequest) {
    EXPECT_EQ(status_of(get + "\r\n"), 0);
    EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
    EXPECT_EQ(status_of(post("Content-Length: 3\r\n", "abc")), 0);
    EXPECT_EQ(status_of(post("")), 0);  // no length, no body
}

TEST(RequestReader, TakesARequestByteByByte) {
    const std::string text = post("Content-Length: 3\r\n", "abc");
    request_reader r;
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        ASSERT_EQ(r.take(text.substr(i, 1)), state::more) << i;

    EXPECT_EQ(r.take(text.substr(text.size() - 1)), state::whole);
    EXPECT_EQ(r.clean_text(), "POST /api HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
}

TEST(RequestReader, HandsOnOnlyWhatEndpointsReadAndNothingBehindTheRequest) {
    request_reader r;
    ASSERT_EQ(
        r.take(get + "Range: bytes=0-0,0-0\r\nAccept-Encoding: gzip\r\nREMOTE_ADDR: 1\r\n"
                     "Expect: 100-continue\r\nAuthorization: Bearer x\r\n\r\nGET /2 HTTP/1.1"),
        state::whole);

    EXPECT_EQ(r.clean_text(),
              "GET /metrics HTTP/1.1\r\nauthorization: Bearer x\r\nhost: a\r\n\r\n");
}

TEST(RequestReader, RefusesWhatIsNoHttp) {
    for (const char* text :
         {"\x16\x03\x01\r\n\r\n", "hello\r\n\r\n", "\r\n\r\n", "GET\r\n\r\n",
          "GET  HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / FTP/1.1\r\nHost: a\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        EXPECT_EQ(status_of(text), 400) << text;
    }
    EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
}

TEST(RequestReader, RefusesHeadersThatCouldMeanTwoThings) {
    for (const char* line :
         {"X\r\n", " folded: 1\r\n", "X : 1\r\n", ": 1\r\n", "X: a\nY: b\r\n", "X: a\rY: b\r\n",
          "X: \x01\r\n", "Host: b\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
          "Content-Length: +1\r\n", "Content-Length: 0x1\r\n", "Content-Length: 1,1\r\n",
          "Content-Length:\r\n", "Authorization: a\r\nAuthorization: b\r\n"}) {
        EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\nx"), 400)
            << line;
    }
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);  // no Host
    EXPECT_EQ(status_of(std::string("GET / HTTP/1.1\r\nHost: a\r\nX: ") + '\0' + "\r\n\r\n"), 400);
}

TEST(RequestReader, RefusesBodiesWhoseSizeItCannotBound) {
    EXPECT_EQ(status_of(post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n")), 501);
    EXPECT_EQ(status_of(post("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x")), 415);
    EXPECT_EQ(status_of(post("Content-Type: MultiPart/form-data; boundary=b\r\n")), 415);
    EXPECT_EQ(status_of(post("Content-Length: 65537\r\n")), 413);
    EXPECT_EQ(status_of(post("Content-Length: 99999999999999999999999\r\n")), 413);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"), 400);
}

TEST(RequestReader, RefusesWhatIsTooLong) {
    EXPECT_EQ(status_of("GET /" + std::string(2'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
    EXPECT_EQ(status_of(get + "X: " + std::string(20'000, 'a') + "\r\n\r\n"), 431);
    EXPECT_EQ(status_of(std::string(20'000, 'a')), 431);  // and no need to wait for its end
    std::string many = get;
    for (int i = 0; i < 100; ++i) many += "X: 1\r\n";
    EXPECT_EQ(status_of(many + "\r\n"), 431);
}

TEST(RequestReader, KeepsItsLimitsToTheByte) {
    const request_limits small{.head_bytes = get.size(), .headers = 1, .body_bytes = 3};

    EXPECT_EQ(status_of(get + "\r\n", small), 0);
    EXPECT_EQ(status_of(get + "X:\r\n\r\n", small), 431);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX:\r\nY:\r\n\r\n", small), 431);
}

TEST(RequestReader, StaysRefused) {
    request_reader r;
    ASSERT_EQ(r.take("hello\r\n\r\n"), state::refused);

    EXPECT_EQ(r.take(get + "\r\n"), state::refused);
}

}  // namespace
}  // namespace onceward::http
