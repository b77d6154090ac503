#include "figures.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <sys/resource.h>

namespace onceward::bench {

double seconds_since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    const double last = static_cast<double>(values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::ceil(share * last));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

void print(const std::vector<figure>& figures) {
    std::string line;
    for (const auto& [name, value] : figures) {
        line += fmt::format("{}\"{}\": {:.4f}", line.empty() ? "{" : ", ", name, value);
    }
    fmt::print("{}}}\n", line);
}

void print_rate(double events, double seconds) {
    print({{"events_per_s", events / seconds}, {"cpu_us_per_event", cpu_seconds() * 1e6 / events}});
}

}  // namespace onceward::bench
