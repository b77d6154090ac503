#include "admin/process_facts.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace onceward::cli {

namespace {

/// The fields of /proc/self/stat from the third on: the second, a name in brackets, may hold
/// spaces.
std::vector<double> stat_fields() {
    std::ifstream in("/proc/self/stat");
    std::string line;
    if (!std::getline(in, line)) return {};
    std::istringstream rest(line.substr(line.rfind(')') + 4));  // the third field is a letter
    std::vector<double> fields(3);                              // so that numbers are as in proc(5)
    for (double n = 0; rest >> n;) fields.push_back(n);
    return fields;
}

/// When the machine started, in seconds since 1970.
double boot_time() {
    std::ifstream in("/proc/stat");
    for (std::string word; in >> word;) {
        double seconds = 0;
        if (word == "btime" && in >> seconds) return seconds;
    }
    return 0;
}

double open_files() {
    double n = 0;
    std::error_code ignored;
    for (const auto& one : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
        static_cast<void>(one);
        ++n;
    }
    return n;
}

double open_files_max() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

std::optional<process_facts> read_process_facts() {
    const auto f = stat_fields();
    constexpr std::size_t utime = 13, stime = 14, threads = 19, started = 21, vsize = 22, rss = 23;
    if (f.size() <= rss) return std::nullopt;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return process_facts{.cpu_seconds = (f[utime] + f[stime]) / ticks,
                         .virtual_bytes = f[vsize],
                         .resident_bytes = f[rss] * static_cast<double>(::sysconf(_SC_PAGESIZE)),
                         .threads = f[threads],
                         .start_time_s = boot_time() + f[started] / ticks,
                         .open_files = open_files(),
                         .open_files_max = open_files_max()};
}

}  // namespace onceward::cli
