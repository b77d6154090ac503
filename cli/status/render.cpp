#include "status/render.hpp"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

namespace {

using json = nlohmann::ordered_json;

std::string_view word(lease_state l) {
    switch (l) {
        case lease_state::none:
            return "none";
        case lease_state::held:
            return "held";
        case lease_state::expired:
            return "expired";
    }
    return "";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : printable(text);
}

json json_of(const std::optional<pause_facts>& p) {
    if (!p) return nullptr;
    return {{"reason", p->reason}, {"by", p->by}, {"since", p->since}};
}

std::string_view word(slot_facts::kind k) {
    switch (k) {
        case slot_facts::kind::gone:
            return "gone";
        case slot_facts::kind::lost:
            return "lost";
        case slot_facts::kind::unread:
            return "unread";
        case slot_facts::kind::read:
            return "read";
    }
    return "";
}

json json_of(const std::optional<slot_facts>& s) {
    if (!s) return nullptr;
    return {{"state", word(s->is)}, {"wal_bytes", s->wal_bytes}};
}

json json_of(const shard_facts& s) {
    return {{"shard", s.shard},
            {"owner", s.owner},
            {"lease", word(s.lease)},
            {"state", s.state},
            {"reason", s.reason},
            {"epoch", s.epoch},
            {"pending", s.pending.counted},
            {"pending_is_more", s.pending.more()},
            {"oldest_pending_s", s.oldest_pending_s},
            {"paused", json_of(s.paused)},
            {"slot", json_of(s.slot)}};
}

json json_of(const held_topic_facts& t) {
    return {{"shard", t.shard},
            {"topic", t.topic},
            {"reason", t.reason},
            {"since", t.since},
            {"events", t.events.counted}};
}

json json_of(const partition_facts& p) {
    return {{"consumer", p.consumer}, {"topic", p.topic},  {"partition", p.partition},
            {"owner", p.owner},       {"epoch", p.epoch},  {"next_offset", p.next_offset},
            {"state", p.state},       {"reason", p.reason}};
}

json json_of(const std::optional<bounded_count>& n) {
    return n ? json(n->counted) : json(nullptr);
}

template <class T>
json json_list(const std::vector<T>& all) {
    json list = json::array();
    for (const auto& one : all) list.push_back(json_of(one));
    return list;
}

}  // namespace

std::string as_text(bounded_count n) {
    return n.more() ? fmt::format("{}+", counted_max) : std::to_string(n.counted);
}

std::string render_text(const facts& f, const std::vector<problem>& problems) {
    std::string out =
        fmt::format("schema {} version {} (needs {})\n", f.schema, f.version, f.required_version);
    if (!f.shards.empty()) {
        out += fmt::format("\n{:<6} {:<8} {:<8} {:>7} {:>8} {:>9}  {}\n", "SHARD", "LEASE", "STATE",
                           "EPOCH", "PENDING", "OLDEST", "OWNER");
    }
    for (const auto& s : f.shards) {
        out += fmt::format("{:<6} {:<8} {:<8} {:>7} {:>8} {:>7.1f} s  {}\n", s.shard, word(s.lease),
                           s.paused ? "paused" : s.state, s.epoch, as_text(s.pending),
                           s.oldest_pending_s, or_dash(s.owner));
    }
    if (!f.partitions.empty()) {
        out += fmt::format("\n{:<16} {:<24} {:>9} {:>12} {:>7} {:<8} {}\n", "CONSUMER", "TOPIC",
                           "PARTITION", "NEXT-OFFSET", "EPOCH", "STATE", "OWNER");
    }
    for (const auto& p : f.partitions) {
        out += fmt::format("{:<16} {:<24} {:>9} {:>12} {:>7} {:<8} {}\n", printable(p.consumer),
                           printable(p.topic), p.partition, p.next_offset, p.epoch, p.state,
                           or_dash(p.owner));
    }
    out += problems.empty() ? "\nall is well\n" : "\n";
    return out + render_problems(problems);
}

std::string render_problems(const std::vector<problem>& problems) {
    std::string out;
    for (const auto& p : problems) {
        out += fmt::format("PROBLEM {}\n  -> {}\n", printable(p.what), printable(p.remedy));
    }
    return out;
}

std::string render_json(const facts& f, const std::vector<problem>& problems) {
    json list = json::array();
    for (const auto& p : problems)
        list.push_back({{"code", code_of(p.kind)}, {"problem", p.what}, {"remedy", p.remedy}});
    const json out{
        {"schema", {{"name", f.schema}, {"version", f.version}, {"required", f.required_version}}},
        {"shards", json_list(f.shards)},
        {"held_topics", json_list(f.held_topics)},
        {"disk", {{"outbox_bytes", f.disk.outbox_bytes}, {"limit_bytes", f.disk.limit_bytes}}},
        {"inbox", f.sees_inbox ? json_list(f.partitions) : json(nullptr)},
        {"outbox_dead", json_of(f.outbox_dead)},
        {"inbox_dead", json_of(f.inbox_dead)},
        {"inbox_days_left", f.inbox_days_left ? json(*f.inbox_days_left) : json(nullptr)},
        {"problems", list},
        {"well", problems.empty()}};
    return indented(out);
}

}  // namespace onceward::cli
