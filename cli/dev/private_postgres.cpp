#include "dev/private_postgres.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dev/postgres_binaries.hpp"
#include "pg/connection.hpp"

namespace onceward::dev {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view superuser = "postgres";

bool port_is_free(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return free;
}

/// Below the range from which the system hands out ports for outgoing connections, so that none of
/// these takes it while the server is down between a crash and a restart.
int random_free_port() {
    std::random_device dice;
    std::uniform_int_distribution<int> any(20'000, 32'000);
    for (int attempt = 0; attempt < 1'000; ++attempt) {
        const int port = any(dice);
        if (port_is_free(port)) return port;
    }
    throw std::runtime_error("no free TCP port between 20000 and 32000 on 127.0.0.1");
}

std::string random_password() {
    std::array<unsigned char, 24> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("getrandom gave no random bytes");
    }
    std::string text;
    for (const unsigned char b : bytes) text += fmt::format("{:02x}", b);
    return text;
}

/// `value` for postgresql.conf: quotes are doubled, backslashes escape.
std::string in_conf(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + "'";
}

/// `value` for a libpq key=value string; quoted only where it must be, since people copy it.
std::string conninfo_value(std::string_view value) {
    const bool plain = !value.empty() && value.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyz"
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789/._-") == value.npos;
    if (plain) return std::string(value);
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::vector<std::string> server_environment() {
    std::vector<std::string> environment{"LC_ALL=C"};
    for (const char* name : {"PATH", "TZ", "LD_LIBRARY_PATH"}) {
        if (const char* value = std::getenv(name))
            environment.push_back(fmt::format("{}={}", name, value));
    }
    return environment;
}

/// The processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream stat(entry.path() / "stat");
        std::string line;
        if (!std::getline(stat, line)) continue;
        // pid (name) state ppid ...; the name may hold blanks and parentheses.
        std::istringstream rest(line.substr(line.rfind(')') + 1));
        std::string state;
        pid_t ppid = 0;
        if (rest >> state >> ppid && ppid == parent) {
            found.push_back(static_cast<pid_t>(std::stol(entry.path().filename().string())));
        }
    }
    return found;
}

}  // namespace

private_postgres::private_postgres(private_postgres_options options)
    : options_(std::move(options)),
      user_(unprivileged_user()),
      bin_(postgres_bin()),
      directory_(user_) {
    initialise();
    start();
}

private_postgres::~private_postgres() {
    try {
        // The data is deleted next: no checkpoint of it.
        if (running()) server_->signal(SIGQUIT);
        if (running() && !server_->wait(options_.stop_timeout)) kill9();
    } catch (const std::exception&) {
        // Only a lack of resources; the watcher of the directory kills what is left.
    }
}

void private_postgres::initialise() {
    port_ = random_free_port();
    const fs::path socket = directory_.subdirectory("socket");
    directory_.subdirectory("data");
    const fs::path file = socket / fmt::format(".s.PGSQL.{}", port_);
    if (file.native().size() >= sizeof(sockaddr_un::sun_path)) {
        throw std::runtime_error(fmt::format(
            "{} is too long for a Unix socket; set TMPDIR to a shorter path", file.string()));
    }
    const std::string password = random_password();
    directory_.file("password", password);
    directory_.file("pgpass", fmt::format("127.0.0.1:{}:*:{}:{}\n", port_, superuser, password));
    directory_.file("postgres.log", "");
    run_initdb();
    fs::remove(directory() / "password");
    configure();
}

void private_postgres::run_initdb() const {
    const auto fail = [&](const std::string& how) {
        throw std::runtime_error(fmt::format(
            "initdb {} in {}; can {} enter that place, and is space left there? If not, set TMPDIR "
            "to "
            "another.\n{}",
            how, directory().string(), user_ ? "user " + user_->name : "this user", log_since(0)));
    };
    child_options options{
        .argv = {bin_ / "initdb", "--pgdata", directory() / "data", "--username",
                 std::string(superuser), "--pwfile", directory() / "password", "--auth-local=trust",
                 "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
                 "--no-instructions"},
        .environment = server_environment(),
        .user = user_,
        .directory = directory(),
        .output = log_file(),
        .dies_with_caller = true};
    try {
        const auto code = child_process(options).wait(options_.start_timeout);
        if (!code) fail("did not end in time");
        if (*code != 0) fail(fmt::format("failed with exit code {}", *code));
    } catch (const std::system_error& e) {
        fail(fmt::format("did not start ({})", e.code().message()));
    }
}

void private_postgres::configure() const {
    std::ofstream file(directory() / "data" / "postgresql.conf", std::ios::app);
    file << "\nlisten_addresses = '127.0.0.1'\nport = " << port_
         << "\nunix_socket_directories = " << in_conf(socket_directory().native())
         << "\nunix_socket_permissions = 0700\nmax_connections = 200\nlog_checkpoints = off\n"
            "timezone = 'UTC'\n";
    for (const auto& line : options_.settings) file << line << '\n';
    file.close();
    if (!file) throw std::runtime_error("cannot write postgresql.conf; is the disk full?");
}

void private_postgres::launch() {
    server_.emplace(child_options{.argv = {bin_ / "postgres", "-D", directory() / "data"},
                                  .environment = server_environment(),
                                  .user = user_,
                                  .directory = directory(),
                                  .output = log_file()});
}

std::optional<std::string> private_postgres::wait_until_ready() {
    const auto deadline = std::chrono::steady_clock::now() + options_.start_timeout;
    const std::string info = conninfo() + " connect_timeout=2";
    while (std::chrono::steady_clock::now() < deadline) {
        if (const auto code = server_->wait(20ms)) {
            return fmt::format("PostgreSQL ended with exit code {} at its start", *code);
        }
        if (PQping(info.c_str()) == PQPING_OK) return std::nullopt;
    }
    return fmt::format("PostgreSQL did not answer within {} ms", options_.start_timeout.count());
}

void private_postgres::start() {
    if (running()) return;
    const auto deadline = std::chrono::steady_clock::now() + options_.start_timeout;
    for (;;) {
        const auto log_before = fs::file_size(log_file());
        launch();
        const auto problem = wait_until_ready();
        if (!problem) return;
        // A backend of the killed server may need a moment to let go of the shared memory.
        const std::string log = log_since(log_before);
        const bool passing = log.find("pre-existing shared memory") != std::string::npos ||
                             log.find("Address already in use") != std::string::npos;
        if (!passing || std::chrono::steady_clock::now() >= deadline) {
            throw std::runtime_error(*problem + "; the end of its log:\n" + log);
        }
        std::this_thread::sleep_for(100ms);
    }
}

void private_postgres::stop() {
    if (!running()) return;
    server_->signal(SIGINT);
    if (server_->wait(options_.stop_timeout)) return;
    server_->signal(SIGQUIT);
    if (server_->wait(10s)) return;
    kill9();
}

void private_postgres::kill9() {
    if (!running()) return;
    // Stopped first, so that it starts no backend between the look and the kill.
    server_->signal(SIGSTOP);
    const auto backends = children_of(server_->pid());
    server_->signal(SIGKILL);
    for (const pid_t backend : backends) ::kill(backend, SIGKILL);
    server_->wait(10s);
}

void private_postgres::create_database(const std::string& name) {
    const std::string sql =
        "CREATE DATABASE " + pg::checked_identifier(name) + " TEMPLATE template0";
    auto session = pg::connection::open(conninfo());
    if (!session) throw std::runtime_error(session.error().message);
    const auto made = session->exec(sql.c_str());
    if (!made) throw std::runtime_error(made.error().message);
}

std::string private_postgres::conninfo(const std::string& database) const {
    return fmt::format("host={} port={} user={} dbname={}",
                       conninfo_value(socket_directory().native()), port_, superuser,
                       conninfo_value(database));
}

std::string private_postgres::tcp_conninfo(const std::string& database) const {
    return fmt::format("host=127.0.0.1 port={} user={} dbname={} passfile={}", port_, superuser,
                       conninfo_value(database), conninfo_value((directory() / "pgpass").native()));
}

std::string private_postgres::log_since(std::uintmax_t begin) const {
    std::ifstream file(log_file(), std::ios::binary);
    constexpr std::uintmax_t shown = 2'000;
    const auto size = fs::file_size(log_file());
    file.seekg(static_cast<std::streamoff>(std::max(begin, size - std::min(size, shown))));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace onceward::dev
