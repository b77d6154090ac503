#include "http/router.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <httplib.h>

namespace onceward::http {

namespace {

/// A request and its response in memory, where cpp-httplib looks for a socket.
class memory_stream final : public httplib::Stream {
public:
    explicit memory_stream(const std::string& in) : in_(in) {}

    bool is_readable() const override { return at_ < in_.size(); }
    bool is_writable() const override { return true; }
    ssize_t read(char* to, size_t size) override {
        const std::size_t n = std::min(size, in_.size() - at_);
        std::memcpy(to, in_.data() + at_, n);
        at_ += n;
        return static_cast<ssize_t>(n);
    }
    ssize_t write(const char* from, size_t size) override {
        out_.append(from, size);
        return static_cast<ssize_t>(size);
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
    void get_local_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
    socket_t socket() const override { return INVALID_SOCKET; }

    std::string release() { return std::move(out_); }

private:
    static void nowhere(std::string& ip, int& port) {
        ip.clear();
        port = 0;
    }
    const std::string& in_;
    std::size_t at_ = 0;
    std::string out_;
};

const httplib::Headers security_headers{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"}};

std::string_view reason_of(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 408:
            return "Request Timeout";
        case 413:
            return "Payload Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 431:
            return "Request Header Fields Too Large";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Refused";
    }
}

request to_request(const httplib::Request& rq) {
    return {.path = rq.path,
            .query = {rq.params.begin(), rq.params.end()},
            .authorization = rq.get_header_value("Authorization"),
            .content_type = rq.get_header_value("Content-Type"),
            .body = rq.body};
}

void write(httplib::Response& rs, const response& r) {
    rs.status = r.status;
    for (const auto& [name, value] : r.headers) rs.set_header(name, value);
    rs.set_content(r.body, r.content_type);
}

std::string what_of(const std::exception_ptr& e) {
    try {
        std::rethrow_exception(e);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

bool is_plain(const std::string& path) {
    constexpr std::string_view others = "/_-";
    return path.starts_with('/') && std::ranges::all_of(path, [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      others.find(c) < others.size();
           });
}

}  // namespace

/// Only to reach process_request, which is protected.
class router::impl : public httplib::Server {
public:
    std::string answer(const std::string& text) {
        memory_stream stream(text);
        bool closed = false;
        process_request(stream, /*close_connection=*/true, closed, nullptr);
        return stream.release();
    }

    /// Refuses what no route serves; cpp-httplib does not tell a wrong method from a wrong path.
    HandlerResponse look_up(const httplib::Request& rq, httplib::Response& rs) const {
        const auto known = methods.find(rq.path);
        if (known == methods.end()) {
            write(rs, {.status = 404, .body = "there is nothing here\n"});
            return HandlerResponse::Handled;
        }
        const std::string method = rq.method == "HEAD" ? "GET" : rq.method;
        if (std::ranges::find(known->second, method) != known->second.end())
            return HandlerResponse::Unhandled;
        write(rs, {.status = 405,
                   .body = "this path has other methods\n",
                   .headers = {{"Allow", fmt::format("{}", fmt::join(known->second, ", "))}}});
        return HandlerResponse::Handled;
    }

    std::map<std::string, std::vector<std::string>> methods;
};

router::router(std::vector<route> routes, std::function<void(const std::string&)> failed)
    : impl_(std::make_unique<impl>()) {
    for (auto& r : routes) {
        if (!is_plain(r.path)) throw std::logic_error("route: " + r.path);
        impl_->methods[r.path].push_back(r.method);
        const auto serve = [h = std::move(r.serve)](const httplib::Request& rq,
                                                    httplib::Response& rs) {
            write(rs, h(to_request(rq)));
        };
        r.method == "POST" ? impl_->Post(r.path, serve) : impl_->Get(r.path, serve);
    }
    impl_->set_default_headers(security_headers);
    impl_->set_pre_routing_handler(
        [this](const auto& rq, auto& rs) { return impl_->look_up(rq, rs); });
    impl_->set_exception_handler([failed = std::move(failed)](const httplib::Request& rq,
                                                              httplib::Response& rs,
                                                              const std::exception_ptr& e) {
        failed(rq.path + ": " + what_of(e));
        write(rs, {.status = 500, .body = "internal error; the log says more\n"});
    });
}

router::~router() = default;

std::string router::answer(const std::string& request_text) {
    return impl_->answer(request_text);
}

std::string short_response(int status) {
    const std::string_view reason = reason_of(status);
    const std::string body = fmt::format("{}\n", reason);
    return fmt::format(
        "HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "
        "{}\r\n\r\n{}",
        status, reason, body.size(), body);
}

}  // namespace onceward::http
