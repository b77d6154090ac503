#pragma once

/// @file
/// From one request's text to one response's text, by cpp-httplib; no socket is touched here.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace onceward::http {

struct request {
    std::string path;
    std::multimap<std::string, std::string> query;
    std::string authorization;
    std::string content_type;
    std::string body;
};

struct response {
    int status = 200;
    std::string body{};
    std::string content_type = "text/plain; charset=utf-8";
    std::map<std::string, std::string> headers{};
};

using handler = std::function<response(const request&)>;

struct route {
    std::string method;  ///< GET, which serves HEAD too, or POST.
    std::string path;    ///< Letters, digits, `/`, `_` and `-`.
    handler serve;
};

/// @par Thread safety
/// `answer` may run in many threads at once; the handlers then, too.
class router {
public:
    /// @param failed  Told what a handler threw; the client only learns that something went wrong.
    router(std::vector<route> routes, std::function<void(const std::string&)> failed);
    ~router();
    router(const router&) = delete;
    router& operator=(const router&) = delete;

    /// @param request_text  What a request_reader has let through.
    [[nodiscard]] std::string answer(const std::string& request_text);

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

/// A whole response without cpp-httplib, for requests that do not get that far.
std::string short_response(int status);

}  // namespace onceward::http
