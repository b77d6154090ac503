#include "dev/postgres_binaries.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace onceward::dev {

namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string pg_config_bindir() {
    const auto close = [](std::FILE* f) { pclose(f); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe(
        popen("pg_config --bindir 2>/dev/null", "re"), close);
    std::string out(4096, '\0');
    if (!pipe || std::fgets(out.data(), static_cast<int>(out.size()), pipe.get()) == nullptr) {
        return "";
    }
    return out.substr(0, out.find_first_of(std::string_view("\n\0", 2)));
}

int version_of(const fs::path& folder) {
    const std::string name = folder.filename().string();
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    return version;
}

/// The subfolders of `parent` that are named after a version, newest first.
std::vector<fs::path> versions_below(const fs::path& parent) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) found.push_back(entry.path());
    std::ranges::sort(found, std::ranges::greater{}, version_of);
    return found;
}

bool has_server(const fs::path& folder) {
    return access((folder / "initdb").c_str(), X_OK) == 0 &&
           access((folder / "postgres").c_str(), X_OK) == 0;
}

}  // namespace

std::vector<fs::path> postgres_bin_candidates() {
    const std::string wanted = environment("ONCEWARD_POSTGRES_BIN");
    if (!wanted.empty()) return {wanted};  // a wrong one is an error, not a reason to use another
    std::vector<fs::path> found{pg_config_bindir()};
    for (const auto& version : versions_below("/usr/lib/postgresql"))
        found.push_back(version / "bin");
    for (const char* folder : {"/usr/local/pgsql/bin", "/usr/pgsql/bin"})
        found.emplace_back(folder);
    std::istringstream path(environment("PATH"));
    for (std::string folder; std::getline(path, folder, ':');) found.emplace_back(folder);
    std::erase_if(found, [](const fs::path& p) { return p.empty(); });
    return found;
}

fs::path postgres_bin(const std::vector<fs::path>& candidates) {
    const auto found = std::ranges::find_if(candidates, has_server);
    if (found != candidates.end()) return *found;
    throw std::runtime_error(
        "PostgreSQL's server programs (initdb, postgres) are not on this machine; install them "
        "(Debian: apt-get install postgresql), or set ONCEWARD_POSTGRES_BIN to their folder");
}

}  // namespace onceward::dev
