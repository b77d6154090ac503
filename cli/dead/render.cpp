#include "dead/render.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

namespace {

using json = nlohmann::ordered_json;

json parsed_headers(const std::string& text) {
    return text.empty() ? json::array() : json::parse(text, nullptr, /*allow_exceptions=*/false);
}

json summary_of(const outbox_dead_letter& d) {
    return {{"id", d.id},
            {"seq", std::to_string(d.seq)},
            {"shard", d.shard},
            {"topic", d.topic},
            {"type", d.type},
            {"state", d.state},
            {"reason", d.reason},
            {"created_at", d.created_at},
            {"dead_at", d.dead_at},
            {"payload_bytes", d.payload_bytes ? json(*d.payload_bytes) : json()}};
}

/// As text where it is UTF-8; else as hexadecimal digits under another name.
void put(json& into, const std::string& name, const std::optional<std::string>& bytes) {
    if (!bytes) {
        into[name] = nullptr;
        return;
    }
    try {
        static_cast<void>(json(*bytes).dump());
        into[name] = *bytes;
    } catch (const json::exception&) {
        into[name + "_hex"] = hex_digits(*bytes);
    }
}

json all_of(const outbox_dead_letter& d) {
    json j = summary_of(d);
    put(j, "key", d.key);
    j["content_type"] = d.content_type;
    j["headers"] = parsed_headers(d.headers);
    if (d.payload) put(j, "payload", d.payload);
    return j;
}

}  // namespace

std::string list_text(const std::vector<outbox_dead_letter>& all) {
    std::string out;
    for (const auto& d : all) {
        out += fmt::format("{}  {}  {}  {}  {} B  {}\n    {}\n", d.id, d.dead_at,
                           printable(d.topic), printable(d.type), d.payload_bytes.value_or(0),
                           d.state, printable(d.reason));
    }
    return out;
}

std::string list_json(const std::vector<outbox_dead_letter>& all) {
    json j = json::array();
    for (const auto& d : all) j.push_back(summary_of(d));
    return indented(j);
}

std::string letter_text(const outbox_dead_letter& d) {
    std::string out;
    const json j = all_of(d);
    for (const auto& [name, value] : j.items()) {
        out += fmt::format("{:<14}{}\n", name,
                           value.is_string() ? printable(value.get<std::string>()) : value.dump());
    }
    return out;
}

std::string letter_json(const outbox_dead_letter& d) {
    return indented(all_of(d));
}

std::string decision_json(const char* done, std::int64_t count) {
    return json{{done, count}}.dump() + '\n';
}

}  // namespace onceward::cli
