#include "interface/json_keys.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "config/document.hpp"
#include "config/show.hpp"
#include "dead/render.hpp"
#include "dev_guide.hpp"
#include "doctor/report.hpp"
#include "inbox/dead_render.hpp"
#include "inbox/maintain_render.hpp"
#include "log/line.hpp"
#include "migrate/render.hpp"
#include "pause/render.hpp"
#include "status/render.hpp"

namespace onceward::cli {

namespace {

using json = nlohmann::ordered_json;

void add(std::vector<std::string>& into, const std::string& key) {
    if (std::ranges::find(into, key) == into.end()) into.push_back(key);
}

/// The keys of values that hold no others.
void walk(std::vector<std::string>& into, const json& j, const std::string& path) {
    if (j.is_array()) {
        for (const auto& element : j) walk(into, element, path + "[]");
        return;
    }
    if (!j.is_object()) return;
    for (const auto& [name, value] : j.items()) {
        const std::string key =
            path.empty() || path.ends_with('.') ? path + name : path + '.' + name;
        if (value.empty() || value.is_primitive()) add(into, key);
        walk(into, value, key);
    }
}

std::string status_sample() {
    const facts f{.schema = "",
                  .shards = {{.paused = pause_facts{}, .slot = slot_facts{}}},
                  .held_topics = {{}},
                  .partitions = {{}},
                  .outbox_dead = bounded_count{},
                  .inbox_dead = bounded_count{},
                  .inbox_days_left = 0};
    return render_json(f, {{problem_kind::no_relay, "", ""}});
}

outbox_dead_letter outbox_letter_sample() {
    outbox_dead_letter d;
    d.key = d.payload = "";
    d.payload_bytes = 0;
    return d;
}

/// With texts that are no UTF-8, which appear under other names.
outbox_dead_letter binary_letter_sample() {
    auto d = outbox_letter_sample();
    d.key = d.payload = "\xff";
    return d;
}

std::string inbox_letter_sample() {
    return dead_letter_json({}, {.key = "", .payload = "", .headers = "[]"});
}

std::string migrations_sample(const char* changes, bool losses) {
    return migrations_json(
        {.all = {{}},
         .changes = {{}},
         .changes_name = changes,
         .losses = losses ? std::vector<std::string>{""} : std::vector<std::string>{}});
}

std::string config_sample() {
    const options::option_set set(
        options::of_sections({options::text("option", "", "", "An example.")}));
    auto values = set.resolve({});
    values.sections.push_back(set.resolve({}));
    const auto shown = json::parse(show_json(set.rows(), values));
    const json outbox{{"OPTION", shown.at("outboxes").at(0).at("option")}};
    return json{{"OPTION", shown.at("option")}, {"outboxes", json::array({outbox})}}.dump();
}

std::string docs_sample() {
    return document_json({{"", "", {options::text("option", "", "", "An example.")}}});
}

std::string guide_sample() {
    return guide_json({.brokers = "", .databases = {{"DATABASE", ""}}, .tcp = "", .log_file = ""});
}

std::string report_sample() {
    return report_json({{"", {{severity::warning, "", ""}}}});
}

std::string log_sample() {
    return log::as_json({.time = {}, .message = "", .fields = {{"FIELD", std::string()}}});
}

}  // namespace

std::vector<std::string> keys_of(const std::string& json_text) {
    std::vector<std::string> keys;
    walk(keys, json::parse(json_text), "");
    return keys;
}

std::vector<json_output> json_outputs() {
    const auto pause = keys_of(pause_json(0, {}));
    const auto resume = keys_of(resume_json(0, true));
    auto dead_show = keys_of(letter_json(outbox_letter_sample()));
    for (const auto& k : keys_of(letter_json(binary_letter_sample()))) add(dead_show, k);
    const auto dead_report =
        keys_of(dead_report_json({.action = "redrive", .letters = {{}}, .ids = {""}}));
    const auto report = keys_of(report_sample());
    return {{"onceward config docs --json", keys_of(docs_sample())},
            {"onceward config show --json", keys_of(config_sample())},
            {"onceward dead list --json", keys_of(list_json({outbox_letter_sample()}))},
            {"onceward dead show --json", dead_show},
            {"onceward dead edit --json", keys_of(decision_json("edited", 0))},
            {"onceward dead redrive --json", keys_of(decision_json("redriven", 0))},
            {"onceward dead discard --json", keys_of(decision_json("discarded", 0))},
            {"onceward dev --state-file", keys_of(guide_sample())},
            {"onceward doctor --json", report},
            {"onceward inbox maintain --json", keys_of(maintain_json({.old_days = {{}}}))},
            {"onceward inbox dead list --json", keys_of(dead_list_json({{}}))},
            {"onceward inbox dead show --json", keys_of(inbox_letter_sample())},
            {"onceward inbox dead edit, redrive, discard --json", dead_report},
            {"onceward migrate status --json", keys_of(migrations_sample("", false))},
            {"onceward migrate up --json", keys_of(migrations_sample(changes::applied, false))},
            {"onceward migrate up --dry-run --json",
             keys_of(migrations_sample(changes::pending, false))},
            {"onceward migrate down --json", keys_of(migrations_sample(changes::taken_back, true))},
            {"onceward migrate down --dry-run --json",
             keys_of(migrations_sample(changes::would_take_back, true))},
            {"onceward relay pause --json", pause},
            {"onceward relay resume --json", resume},
            {"onceward relay --log-format json", keys_of(log_sample())},
            {"onceward status --json", keys_of(status_sample())},
            {"onceward topics check --json", report}};
}

}  // namespace onceward::cli
