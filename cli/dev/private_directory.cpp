#include "dev/private_directory.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onceward::dev {

namespace {

namespace fs = std::filesystem;

/// Waits for the end of its input, then leaves nothing of "$1". It signals a process only after it
/// has seen that the process works in our data directory: the number alone may be another's by now.
constexpr const char* watcher_script = R"sh(
read -r _
[ -d "$1" ] || exit 0
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
ours() { [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; }
ours "$1" && kill -QUIT "$pid"
n=0
while ours "$1" && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
ours "$1" && kill -KILL "$pid"
n=0
while [ -d "$1" ] && [ $n -lt 50 ]; do rm -rf -- "$1" 2>/dev/null || sleep 0.1; n=$((n + 1)); done
)sh";

std::system_error failed(const std::string& what) {
    return {errno, std::generic_category(), what};
}

void give_to(const fs::path& path, const std::optional<unix_user>& owner) {
    if (owner && ::chown(path.c_str(), owner->uid, owner->gid) != 0) {
        throw failed("chown " + path.string());
    }
}

fs::path fresh_directory() {
    const char* parent = std::getenv("TMPDIR");
    std::string name =
        fs::path(parent == nullptr || *parent == '\0' ? "/tmp" : parent) / "onceward-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw failed("make a directory " + name);
    return fs::canonical(name);
}

}  // namespace

private_directory::private_directory(const std::optional<unix_user>& owner)
    : path_(fresh_directory()), owner_(owner), maker_(getpid()) {
    try {
        give_to(path_, owner_);
        start_watcher();
    } catch (...) {
        fs::remove_all(path_);
        throw;
    }
}

private_directory::~private_directory() {
    if (getpid() != maker_) return;
    std::error_code ignored;  // the watcher tries again
    fs::remove_all(path_, ignored);
    ::close(lifeline_);
    watcher_->wait(std::chrono::seconds{15});
}

void private_directory::start_watcher() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw failed("pipe2");
    try {
        watcher_ = std::make_unique<child_process>(
            child_options{.argv = {"/bin/sh", "-c", watcher_script, "onceward-watcher", path_},
                          .input = ends[0]});
    } catch (...) {
        ::close(ends[0]);
        ::close(ends[1]);
        throw;
    }
    ::close(ends[0]);
    lifeline_ = ends[1];
}

fs::path private_directory::subdirectory(const std::string& name) const {
    const fs::path made = path_ / name;
    if (mkdir(made.c_str(), 0700) != 0) throw failed("mkdir " + made.string());
    give_to(made, owner_);
    return made;
}

fs::path private_directory::file(const std::string& name, const std::string& content) const {
    const fs::path made = path_ / name;
    const int fd =
        ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw failed("create " + made.string());
    const ssize_t written = ::write(fd, content.data(), content.size());
    ::close(fd);
    if (written != static_cast<ssize_t>(content.size())) throw failed("write " + made.string());
    give_to(made, owner_);
    return made;
}

}  // namespace onceward::dev
