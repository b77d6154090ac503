#include "dev/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace onceward::dev {

namespace {

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() { reset(); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    void reset() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (const auto& s : strings) out.push_back(const_cast<char*>(s.c_str()));
    out.push_back(nullptr);
    return out;
}

int open_output(const std::filesystem::path& path) {
    const char* name = path.empty() ? "/dev/null" : path.c_str();
    const int fd = ::open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), std::string("open ") + name);
    return fd;
}

/// All that the child needs, made before the fork: after it only async-signal-safe calls are
/// allowed, since other threads may have held any lock.
struct launch {
    char* const* argv;
    char* const* environment;
    const unix_user* user;
    const char* directory;
    int input, output, errors;
    bool dies_with_caller;
    pid_t parent;
};

bool become(const unix_user& user) {
    return setgroups(0, nullptr) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

void default_signals() {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
}

bool prepare(const launch& l) {
    setsid();
    umask(077);
    default_signals();
    if (dup2(l.input, 0) < 0 || dup2(l.output, 1) < 0 || dup2(l.errors, 2) < 0) return false;
    if (l.user != nullptr && !become(*l.user)) return false;
    if (chdir(l.directory) != 0) return false;
    // After setuid, which clears it.
    if (l.dies_with_caller && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
    return !l.dies_with_caller || getppid() == l.parent;
}

[[noreturn]] void run_child(const launch& l, int report) {
    if (prepare(l)) execve(l.argv[0], l.argv, l.environment);
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(report, &error, sizeof error);
    _exit(127);
}

}  // namespace

child_process::child_process(const child_options& options) {
    const auto argv = pointers(options.argv);
    // References to the caller's strings: a copy would be gone before the fork.
    static const std::vector<std::string> none;
    const auto given = pointers(options.environment ? *options.environment : none);
    const descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const descriptor output(open_output(options.output));
    const descriptor errors(options.errors.empty() ? -1 : open_output(options.errors));
    std::array<int, 2> report{};
    if (pipe2(report.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    const descriptor read_end(report[0]);
    descriptor write_end(report[1]);
    const launch l{.argv = argv.data(),
                   .environment = options.environment ? given.data() : environ,
                   .user = options.user ? &*options.user : nullptr,
                   .directory = options.directory.c_str(),
                   .input = options.input >= 0 ? options.input : nothing.get(),
                   .output = output.get(),
                   .errors = errors.get() >= 0 ? errors.get() : output.get(),
                   .dies_with_caller = options.dies_with_caller,
                   .parent = getpid()};

    pid_ = fork();
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0) run_child(l, report[1]);

    // The write end closes on exec, so that an end of file means that the program runs.
    write_end.reset();
    int error = 0;
    ssize_t got = 0;
    do got = read(read_end.get(), &error, sizeof error);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        reap(true);
        throw std::system_error(error, std::generic_category(), "cannot start " + options.argv[0]);
    }
}

child_process::~child_process() {
    if (pid_ < 0 || ended_) return;
    signal(SIGKILL);
    reap(true);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(std::exchange(other.ended_, std::nullopt)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(ended_, other.ended_);
    return *this;
}

void child_process::signal(int number) {
    if (pid_ > 0 && running()) ::kill(pid_, number);
}

void child_process::reap(bool block) {
    int status = 0;
    pid_t got = 0;
    do got = waitpid(pid_, &status, block ? 0 : WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == pid_) {
        ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else if (got < 0) {
        ended_ = 127;  // somebody else reaped it
    }
}

std::optional<int> child_process::wait(std::chrono::milliseconds bound) {
    const auto deadline = std::chrono::steady_clock::now() + bound;
    while (!ended_) {
        reap(false);
        if (ended_ || std::chrono::steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return ended_;
}

}  // namespace onceward::dev
