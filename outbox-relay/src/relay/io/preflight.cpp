#include "relay/io/preflight.hpp"

#include <fmt/format.h>

#include "pg/checks.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

std::vector<finding> check_shard(pg::connection& db, const relay_options& options) {
    auto r = db.exec(fmt::format("SELECT string_agg(shard::text, ', ' ORDER BY shard), "
                                 "coalesce(bool_or(shard = {1}), false) FROM {0}.relay_cursor",
                                 options.schema, options.shard),
                     {});
    if (!r) return {{severity::problem, r.error().message, "look at the server's log"}};
    if (r->boolean(0, 1)) return {};
    return {{severity::problem,
             fmt::format("shard {} does not exist in relay_cursor", options.shard),
             fmt::format("choose one of {}", r->optional_text(0, 0).value_or("none"))}};
}

/// The problems among `found`, a sentence each. A start does not fail for a warning.
std::vector<std::string> sentences(const std::vector<finding>& found) {
    std::vector<std::string> out;
    for (const auto& f : found) {
        if (f.level == severity::problem) out.push_back(sentence(f));
    }
    return out;
}

}  // namespace

std::vector<std::string> find_problems(const relay_options& options) {
    auto db = open_cursor_session(options);
    if (!db) return {db.error().message + "; check --database or the PG* variables"};
    std::vector<std::string> problems = sentences(pg::check(*db, "server", options.schema));
    for (auto& p : sentences(pg::check_version(*db, options.schema))) problems.push_back(p);
    if (!problems.empty()) return problems;  // the rest would only repeat it
    problems = sentences(pg::check(*db, "grants", options.schema, {std::nullopt, "relay"}));
    if (!problems.empty()) return problems;
    problems = sentences(pg::check(*db, "order", options.schema));
    if (options.capture == capture_engine::wal) {
        for (auto& p : sentences(pg::check(*db, "wal", options.schema, {"true"})))
            problems.push_back(p);
        if (db->pooled()) {
            problems.emplace_back(
                "a pooler stands before the server, which gives no replication stream: connect "
                "directly, or set capture to poll");
        }
    }
    for (auto& p : sentences(check_shard(*db, options))) problems.push_back(p);
    return problems;
}

}  // namespace onceward::relay_core
