#include "topics/examine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "topics/judge.hpp"
#include "topics/store.hpp"

namespace onceward::cli {

namespace {

/// Those of `used` that are named, and the named ones that the outbox does not use yet.
std::vector<used_topic> chosen(std::vector<used_topic> used,
                               const std::vector<std::string>& names) {
    if (names.empty()) return used;
    std::vector<used_topic> out;
    for (const auto& name : names) {
        const auto known = std::ranges::find(used, name, &used_topic::name);
        out.push_back(known == used.end() ? used_topic{.name = name} : *known);
        out.back().recent = true;
    }
    return out;
}

section failed(const char* name, const failure& why, const char* remedy) {
    return {name, {{severity::problem, why.message, remedy}}};
}

}  // namespace

std::vector<section> examine_topics(pg::connection& c, kafka::admin& admin,
                                    const std::string& schema, const std::string& brokers,
                                    const std::vector<std::string>& names) {
    const auto there = admin.brokers();
    if (!there) return {failed("brokers", there.error(), "look at --brokers and --kafka")};
    std::vector<section> all{{"brokers"}};
    auto used = used_topics(c, schema);
    if (!used) {
        all.push_back(failed("topics", used.error(), "connect as onceward_monitor or the owner"));
        return all;
    }
    const auto topics = chosen(*std::move(used), names);
    std::vector<std::string> wanted;
    for (const auto& t : topics) wanted.push_back(t.name);
    auto found = admin.describe(wanted);
    if (!found) {
        all.push_back(failed("topics", found.error(), "look at --brokers and --kafka"));
        return all;
    }
    admin.read_settings(*found);
    for (const auto& t : topics) {
        const auto at = found->find(t.name);
        all.push_back(
            {"topic " + t.name,
             judge(t, at == found->end() ? std::nullopt : std::optional(at->second), brokers)});
    }
    return all;
}

}  // namespace onceward::cli
