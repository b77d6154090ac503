#include "inbox/maintain.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace onceward::cli {

namespace {

constexpr int detaches_by_stages = 140000;  // server_version_num

constexpr const char* make_sql =
    "SELECT onceward.inbox_make_days(coalesce(onceward.inbox_oldest_day(), today - 8), today + 7) "
    "FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) t";

// One that is being detached comes first: a parent can have only one of those.
constexpr const char* old_sql =
    "SELECT parent, name, state FROM onceward.inbox_days_to_drop() ORDER BY state <> 'detaching'";

// Who reads or decides on a row meanwhile is not waited for: it is settled, so nobody need.
constexpr const char* forget_sql =
    "WITH gone AS (DELETE FROM onceward.inbox_dead WHERE number IN ("
    "SELECT number FROM onceward.inbox_dead WHERE state IN ('redriven', 'discarded') "
    "AND settled_at < clock_timestamp() - {} * interval '1 ms' LIMIT {} FOR UPDATE SKIP LOCKED) "
    "RETURNING 1) SELECT count(*) FROM gone";
constexpr std::int64_t forgotten_at_a_time = 1'000;
constexpr int rounds_max = 1'000;

struct old_day {
    std::string parent, name, state;
};

class maintenance {
public:
    maintenance(pg::connection& c, const std::string& schema) : c_(c), schema_(schema) {}

    result<std::int64_t> make_days() {
        auto r = exec(make_sql);
        if (!r) return r.error();
        return r->integer(0, 0);
    }

    result<std::vector<old_day>> old_days() {
        auto r = exec(old_sql);
        if (!r) return r.error();
        std::vector<old_day> all;
        for (int i = 0; i < r->size(); ++i) {
            all.push_back({std::string(r->text(i, 0)), std::string(r->text(i, 1)),
                           std::string(r->text(i, 2))});
        }
        return all;
    }

    /// @return How many; fewer than `forgotten_at_a_time` when none are left.
    result<std::int64_t> forget_settled(std::chrono::milliseconds kept) {
        auto r = exec(fmt::format(forget_sql, kept.count(), forgotten_at_a_time));
        if (!r) return r.error();
        return r->integer(0, 0);
    }

    /// @return Whether it is gone; not if somebody uses it for too long.
    result<bool> drop(const old_day& d) {
        // By stages, it is no transaction: a pooler would give each its own bounds, hence none.
        if (c_.server_version() < detaches_by_stages || c_.pooled()) return drop_under_lock(d);
        if (d.state != "detached") {
            auto away = exec(fmt::format("ALTER TABLE onceward.{} DETACH PARTITION onceward.{} {}",
                                         d.parent, d.name,
                                         d.state == "detaching" ? "FINALIZE" : "CONCURRENTLY"));
            if (!away) return gone_or_waits(away.error());
        }
        auto dropped = exec(fmt::format("DROP TABLE onceward.{}", d.name));
        if (!dropped) return gone_or_waits(dropped.error());
        return true;
    }

private:
    result<pg::rows> exec(const std::string& sql) {
        return c_.exec(pg::for_schema(sql, schema_).c_str());
    }

    result<bool> drop_under_lock(const old_day& d) {
        auto r = exec(fmt::format("SELECT outcome FROM onceward.inbox_drop_day('{}')", d.parent));
        if (!r) return r.error();
        return r->text(0, 0) != "busy";
    }

    static result<bool> gone_or_waits(const failure& why) {
        const bool waits = why.origin == "sqlstate:57014" || why.origin == "sqlstate:55P03";
        return waits ? result<bool>(false) : result<bool>(why);
    }

    pg::connection& c_;
    const std::string& schema_;
};

result<done> forget_settled(maintenance& m, maintain_report& report,
                            std::chrono::milliseconds kept) {
    for (int round = 0; round < rounds_max; ++round) {
        const auto some = m.forget_settled(kept);
        if (!some) return some.error();
        report.forgotten += *some;
        if (*some < forgotten_at_a_time) return done{};
    }
    report.all_forgotten = false;
    return done{};
}

}  // namespace

bool maintain_report::complete() const {
    return all_forgotten &&
           std::ranges::all_of(old_days, [](const auto& d) { return d.outcome == "dropped"; });
}

result<maintain_report> maintain(pg::connection& c, const std::string& schema,
                                 std::chrono::milliseconds patience,
                                 std::chrono::milliseconds keep_settled) {
    auto bounded = c.set({{"statement_timeout", fmt::format("{}ms", patience.count())}});
    if (!bounded) return bounded.error();
    maintenance m(c, schema);
    auto made = m.make_days();
    if (!made) return made.error();
    auto old = m.old_days();
    if (!old) return old.error();
    maintain_report report{.made = *made};
    if (auto r = forget_settled(m, report, keep_settled); !r) return r.error();
    std::set<std::string> waiting;  // parents
    for (const auto& d : *old) {
        if (waiting.contains(d.parent)) {
            report.old_days.push_back({d.name, "waits"});
            continue;
        }
        auto gone = m.drop(d);
        if (!gone) return gone.error();
        if (!*gone) waiting.insert(d.parent);
        report.old_days.push_back({d.name, *gone ? "dropped" : "waits"});
    }
    return report;
}

}  // namespace onceward::cli
