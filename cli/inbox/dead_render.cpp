#include "inbox/dead_render.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

namespace {

using json = nlohmann::ordered_json;

/// A table's cells stay apart.
std::string shown(std::string_view text) {
    return printable(text, ' ');
}

json json_of(const inbox_dead_letter& d) {
    return {{"number", d.number},       {"consumer", d.consumer}, {"topic", d.topic},
            {"partition", d.partition}, {"offset", d.offset},     {"id", d.id},
            {"type", d.type},           {"kind", d.kind},         {"state", d.state},
            {"reason", d.reason},       {"sqlstate", d.sqlstate}, {"attempts", d.attempts},
            {"dead_at", d.dead_at}};
}

json json_of(const std::vector<inbox_dead_letter>& all) {
    json list = json::array();
    for (const auto& d : all) list.push_back(json_of(d));
    return list;
}

json json_of(const std::optional<std::string>& base64) {
    return base64 ? json{{"base64", *base64}} : json(nullptr);
}

std::string past_of(const std::string& action) {
    if (action == "edit") return "edited";
    return action == "redrive" ? "to be redriven" : "discarded";
}

}  // namespace

std::string dead_list_text(const std::vector<inbox_dead_letter>& all) {
    if (all.empty()) return "no dead letters\n";
    std::string out = fmt::format("{:>8}  {:<16} {:<28} {:<11} {:<9} {:<20} {}\n", "NUMBER",
                                  "CONSUMER", "MESSAGE", "KIND", "STATE", "TYPE", "REASON");
    for (const auto& d : all) {
        out += fmt::format("{:>8}  {:<16} {:<28} {:<11} {:<9} {:<20} {}\n", d.number,
                           shown(d.consumer),
                           fmt::format("{}[{}] {}", shown(d.topic), d.partition, d.offset), d.kind,
                           d.state, shown(d.type), shown(d.reason));
    }
    return out;
}

std::string dead_list_json(const std::vector<inbox_dead_letter>& all) {
    return indented(json_of(all));
}

std::string dead_letter_text(const inbox_dead_letter& d, const dead_content& c) {
    return fmt::format(
        "number    {}\nconsumer  {}\nmessage   {}[{}] {}\nid        {}\ntype      {}\n"
        "kind      {}\nstate     {}\nattempts  {}\nsince     {}\nreason    {}\nsqlstate  {}\n"
        "key       {}\nheaders   {}\npayload   {}\n",
        d.number, shown(d.consumer), shown(d.topic), d.partition, d.offset, shown(d.id),
        shown(d.type), d.kind, d.state, d.attempts, d.dead_at, shown(d.reason), d.sqlstate,
        c.key ? "base64 " + *c.key : "none", shown(c.headers),
        c.payload ? "base64 " + *c.payload : "none");
}

std::string dead_letter_json(const inbox_dead_letter& d, const dead_content& c) {
    json out = json_of(d);
    out["key"] = json_of(c.key);
    out["headers"] = json::parse(c.headers, nullptr, false);
    out["payload"] = json_of(c.payload);
    return indented(out);
}

std::string dead_report_text(const dead_report& r) {
    return dead_list_text(r.letters) + fmt::format("{}{} {}\n",
                                                   r.dry_run ? "dry run, nothing is changed: " : "",
                                                   r.letters.size(), past_of(r.action));
}

std::string dead_report_json(const dead_report& r) {
    json letters = json_of(r.letters);
    for (std::size_t i = 0; i < r.ids.size(); ++i) letters[i]["redrive_id"] = r.ids[i];
    return indented({{"action", r.action}, {"dry_run", r.dry_run}, {"letters", letters}});
}

}  // namespace onceward::cli
