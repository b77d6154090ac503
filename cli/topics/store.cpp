#include "topics/store.hpp"

#include <fmt/format.h>

#include "sql/embedded.hpp"

namespace onceward::cli {

namespace {

constexpr const char* counted_max = "10000";

std::string query(const char* name, const std::string& schema) {
    return pg::for_schema(sql::text(fmt::format("queries/{}.sql", name)), schema);
}

}  // namespace

result<std::vector<used_topic>> used_topics(pg::connection& c, const std::string& schema) {
    auto r = c.exec(query("topics_used", schema), {counted_max});
    if (!r) return r.error();
    std::vector<used_topic> all;
    for (int i = 0; i < r->size(); ++i) {
        used_topic t{.name = std::string(r->text(i, 0)), .recent = r->boolean(i, 2)};
        if (!r->is_null(i, 1)) t.pinned = static_cast<int>(r->integer(i, 1));
        all.push_back(std::move(t));
    }
    return all;
}

result<int> pin_topic(pg::connection& c, const std::string& schema, const std::string& topic,
                      int partitions) {
    auto r = c.exec(pg::for_schema("INSERT INTO onceward.topic_pin (topic, partitions) VALUES ($1, "
                                   "$2::integer) ON CONFLICT DO NOTHING",
                                   schema),
                    {topic, std::to_string(partitions)});
    if (!r) return r.error();
    r = c.exec(pg::for_schema("SELECT partitions FROM onceward.topic_pin WHERE topic = $1", schema),
               {topic});
    if (!r) return r.error();
    return static_cast<int>(r->integer(0, 0));
}

result<std::int64_t> begin_repin(pg::connection& c, const std::string& schema,
                                 const std::string& topic) {
    auto begun =
        c.script(pg::for_schema("BEGIN; SET LOCAL lock_timeout = '5s';"
                                "SELECT FROM onceward.relay_cursor FOR UPDATE",
                                schema));
    if (!begun) return begun.error();
    auto r = c.exec(query("topic_pending", schema), {topic, counted_max});
    if (!r) return r.error();
    return r->integer(0, 0);
}

result<done> finish_repin(pg::connection& c, const std::string& schema, const std::string& topic,
                          int partitions) {
    auto r = c.exec(query("topic_repin", schema), {topic, std::to_string(partitions)});
    if (!r) return r.error();
    return c.script("COMMIT");
}

}  // namespace onceward::cli
