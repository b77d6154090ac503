#include "admin/endpoints.hpp"

#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "admin/routes.hpp"
#include "pause/pause.hpp"
#include "pause/render.hpp"
#include "pg/connection.hpp"
#include "pg/migrator.hpp"
#include "status/diagnose.hpp"
#include "status/query.hpp"
#include "status/render.hpp"
#include "text.hpp"

namespace onceward::cli {

namespace {

using json = nlohmann::ordered_json;
using http::request;
using http::response;

constexpr const char* json_type = "application/json";
const pg::settings session_settings{{"statement_timeout", "3s"}, {"lock_timeout", "1s"}};

response json_response(int status, const json& body) {
    return {.status = status, .body = indented(body), .content_type = json_type};
}

response refusal(int status, const std::string& what, const std::string& remedy) {
    return json_response(status, {{"error", what}, {"remedy", remedy}});
}

response busy() {
    auto r = refusal(503, "another request is looking into the database", "ask again");
    r.headers["Retry-After"] = "1";
    return r;
}

/// Nothing of a server's address or of the connection's options goes to the client.
response database_away() {
    return refusal(503, "the database cannot be reached",
                   "the relay's log says why; it tries again by itself");
}

response failed(const failure& why) {
    if (why.origin.starts_with("connect")) return database_away();
    return refusal(why.origin == "sqlstate:23503" ? 404 : 503, why.message, pause_remedy(why));
}

/// The reason in the body of a pause.
/// @return Empty when there is none that can be used.
std::string reason_of(const std::string& body) {
    const auto j = json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!j.is_object() || !j.contains("reason") || !j["reason"].is_string()) return "";
    auto reason = j["reason"].get<std::string>();
    const bool fits =
        reason.size() <= pause_reason_bytes_max && reason.find('\0') == std::string::npos;
    return fits ? reason : "";
}

response metrics_response(const metrics_facts& f) {
    return {.body = metrics_page(f), .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

response version_response(const metrics_facts& f) {
    return json_response(200, {{"version", f.version}, {"schema_version", f.schema_version}});
}

}  // namespace

std::vector<http::route> admin_endpoints::routes() {
    std::vector<http::route> all;
    for (const auto& r : admin_routes) {
        auto serve = handler_of(r.path);
        if (r.needs_token) serve = guarded(std::move(serve));
        all.push_back({std::string(r.method), std::string(r.path), std::move(serve)});
    }
    return all;
}

http::handler admin_endpoints::handler_of(std::string_view path) {
    const auto health = [this](std::vector<health_check> (*of)(const health_facts&)) {
        return [this, of](const request& rq) {
            return health_response(checks_of(of, from_.health()), rq.query);
        };
    };
    const std::map<std::string_view, http::handler> all{
        {"/livez", health(liveness)},
        {"/healthz", health(liveness)},
        {"/readyz", health(readiness)},
        {"/startupz", health(startup)},
        {"/metrics", [this](const auto&) { return metrics_response(from_.metrics()); }},
        {"/version", [this](const auto&) { return version_response(from_.metrics()); }},
        {"/api/v1/status", [this](const auto& rq) { return status(rq); }},
        {"/api/v1/pause", [this](const auto& rq) { return pause(rq); }},
        {"/api/v1/resume", [this](const auto& rq) { return resume(rq); }},
    };
    return all.at(path);  // a path without a handler is a bug that every start would show
}

/// `serve` for the bearer of the token only, and one at a time.
http::handler admin_endpoints::guarded(http::handler serve) {
    return [this, serve = std::move(serve)](const request& rq) {
        if (auto no = refused(rq)) return *no;
        const std::unique_lock turn(database_, std::try_to_lock);
        return turn ? serve(rq) : busy();
    };
}

/// The outbox that a request names, or the only one.
std::optional<relay_options> admin_endpoints::meant(const request& rq) const {
    const auto named = rq.query.find("outbox");
    for (auto& o : from_.outboxes()) {
        if (named == rq.query.end() ? o.name.empty() : o.name == named->second) return o.options;
    }
    return std::nullopt;
}

response admin_endpoints::which() const {
    std::vector<std::string> names;
    for (auto& o : from_.outboxes()) {
        if (!o.name.empty()) names.push_back(std::move(o.name));
    }
    if (names.empty())
        return refusal(404, "this relay has one outbox, which has no name", "leave ?outbox= out");
    return refusal(404, "this relay has several outboxes",
                   fmt::format("add ?outbox= and one of {}", fmt::join(names, ", ")));
}

response admin_endpoints::status(const request& rq) {
    const std::unique_lock turn(database_, std::try_to_lock);
    if (!turn) return busy();
    const auto o = meant(rq);
    if (!o) return which();
    auto c = pg::connection::open(o->database, session_settings);
    if (!c) return database_away();
    const auto f = read_facts(*c, o->schema);
    if (!f) return failed(f.error());
    return {.body = render_json(*f, diagnose(*f)), .content_type = json_type};
}

std::optional<response> admin_endpoints::refused(const request& rq) const {
    if (!from_.token) {
        return refusal(403, "nothing can be changed here: the relay has no admin token",
                       "start it with --admin-token-file, or use `onceward relay pause` and "
                       "`resume`");
    }
    if (!from_.token->allows(rq.authorization)) {
        auto r =
            refusal(401, "the token is missing or wrong", "send it as Authorization: Bearer TOKEN");
        r.headers["WWW-Authenticate"] = "Bearer realm=\"onceward\"";
        return r;
    }
    if (!rq.content_type.starts_with(json_type))
        return refusal(415, "this takes JSON", "send Content-Type: application/json");
    return std::nullopt;
}

response admin_endpoints::pause(const request& rq) {
    const std::string reason = reason_of(rq.body);
    if (reason.empty()) {
        return refusal(400, "a pause needs a reason",
                       fmt::format("send {{\"reason\": \"...\"}} of at most {} bytes",
                                   pause_reason_bytes_max));
    }
    const auto o = meant(rq);
    if (!o) return which();
    auto c = pg::connection::open(o->database, session_settings);
    if (!c) return database_away();
    const auto p =
        pause_shard(*c, o->schema, o->shard, reason, "through the admin port of " + o->name);
    if (!p) return failed(p.error());
    return {.body = pause_json(o->shard, *p), .content_type = json_type};
}

response admin_endpoints::resume(const request& rq) {
    const auto o = meant(rq);
    if (!o) return which();
    auto c = pg::connection::open(o->database, session_settings);
    if (!c) return database_away();
    const auto was = resume_shard(*c, o->schema, o->shard);
    if (!was) return failed(was.error());
    return {.body = resume_json(o->shard, *was), .content_type = json_type};
}

}  // namespace onceward::cli
