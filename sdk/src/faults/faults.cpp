#include "faults/faults.hpp"

#ifdef ONCEWARD_FAULTS

#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

namespace onceward::faults {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

template <class Take>
void each_item(const std::string& list, Take take) {
    for (std::size_t begin = 0; begin < list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        take(list.substr(begin, end - begin));
        begin = end + 1;
    }
}

std::map<std::string, double, std::less<>> armed_points() {
    std::map<std::string, double, std::less<>> points;
    each_item(environment("ONCEWARD_CRASH"), [&](const std::string& item) {
        const std::size_t colon = item.find(':');
        if (colon != std::string::npos) {
            points[item.substr(0, colon)] = std::strtod(item.c_str() + colon + 1, nullptr);
        }
    });
    return points;
}

}  // namespace

void crash_point(std::string_view point) {
    static const auto points = armed_points();
    if (points.empty()) return;
    const auto found = points.find(point);
    if (found == points.end()) return;
    thread_local std::mt19937_64 dice{std::random_device{}()};
    if (std::uniform_real_distribution<>{}(dice) < found->second) std::raise(SIGKILL);
}

bool planted(std::string_view bug) {
    static const std::string bugs = "," + environment("ONCEWARD_PLANT") + ",";
    return bugs.find("," + std::string(bug) + ",") != std::string::npos;
}

}  // namespace onceward::faults

#endif
