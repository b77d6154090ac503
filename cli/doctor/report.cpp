#include "doctor/report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

namespace {

std::string_view word(severity s) {
    switch (s) {
        case severity::ok:
            return "ok";
        case severity::warning:
            return "warning";
        case severity::problem:
            return "problem";
    }
    return "";
}

severity worst_of(const std::vector<finding>& all) {
    severity found = severity::ok;
    for (const auto& f : all) found = std::max(found, f.level);
    return found;
}

}  // namespace

severity worst(const std::vector<section>& sections) {
    severity found = severity::ok;
    for (const auto& s : sections) found = std::max(found, worst_of(s.findings));
    return found;
}

std::string report_text(const std::vector<section>& sections) {
    std::string out;
    for (const auto& s : sections) {
        if (worst_of(s.findings) == severity::ok) out += fmt::format("ok       {}\n", s.name);
        for (const auto& f : s.findings) {
            if (f.level == severity::ok) continue;
            out += fmt::format("{:<8} {}: {}\n", word(f.level), s.name, printable(f.what));
            if (!f.remedy.empty()) out += fmt::format("         -> {}\n", printable(f.remedy));
        }
    }
    return out;
}

std::string report_json(const std::vector<section>& sections) {
    auto checks = nlohmann::ordered_json::array();
    for (const auto& s : sections) {
        auto list = nlohmann::ordered_json::array();
        for (const auto& f : s.findings)
            list.push_back({{"level", word(f.level)}, {"what", f.what}, {"remedy", f.remedy}});
        checks.push_back(
            {{"check", s.name}, {"level", word(worst_of(s.findings))}, {"findings", list}});
    }
    const nlohmann::ordered_json out{{"level", word(worst(sections))}, {"checks", checks}};
    return indented(out);
}

}  // namespace onceward::cli
