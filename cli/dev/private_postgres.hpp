#pragma once

/// @file
/// A PostgreSQL server of one's own: fresh, private, and gone at the end. The default of
/// `onceward dev`, of the tests and of the demo.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dev/child_process.hpp"
#include "dev/private_directory.hpp"
#include "dev/unix_user.hpp"

namespace onceward::dev {

struct private_postgres_options {
    std::vector<std::string> settings{};  ///< Lines for postgresql.conf, such as "fsync = off".
    std::chrono::milliseconds start_timeout{60'000};
    std::chrono::milliseconds stop_timeout{20'000};  ///< Then it is killed.
};

/// A server in a fresh 0700 directory, on a Unix socket that only its owner (and root) can reach,
/// and on 127.0.0.1 at a random port with a random password. Started by root it runs as an
/// unprivileged user. Durable as in production (fsync on) unless `settings` say otherwise.
///
/// The destructor stops it and removes everything; when this process is killed, a watcher does.
///
/// @par Thread safety
/// None, but conninfo and port stay the same and may be read from anywhere.
class private_postgres {
public:
    /// Makes the data directory and starts the server.
    /// @throws std::runtime_error  It cannot; the message has the end of the server's log. Nothing
    ///                             is left behind.
    explicit private_postgres(private_postgres_options options = {});
    ~private_postgres();
    private_postgres(const private_postgres&) = delete;
    private_postgres& operator=(const private_postgres&) = delete;

    /// Makes an empty database.
    /// @throws std::runtime_error  There is one of that name, or the name is not an identifier.
    void create_database(const std::string& name);

    /// How to reach `database` through the socket, as superuser and without a password.
    [[nodiscard]] std::string conninfo(const std::string& database = "postgres") const;

    /// How to reach `database` through TCP; the password is in a file that only the owner can read.
    [[nodiscard]] std::string tcp_conninfo(const std::string& database = "postgres") const;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
    [[nodiscard]] std::filesystem::path socket_directory() const { return directory() / "socket"; }
    [[nodiscard]] std::filesystem::path log_file() const { return directory() / "postgres.log"; }
    [[nodiscard]] bool running() { return server_ && server_->running(); }
    /// The postmaster's process id; only while it runs.
    [[nodiscard]] pid_t pid() const { return server_->pid(); }

    /// Stops it in fast mode: transactions roll back, everything is on disk. The data stays.
    void stop();

    /// Kills (SIGKILL) the postmaster and all its backends at once, as a machine that dies would,
    /// but for what the operating system has in its caches. The data directory stays.
    void kill9();

    /// Starts it again, on the same data directory and the same port, after `stop` or `kill9`.
    /// @throws std::runtime_error  It does not come up; the message has the end of its log.
    void start();

private:
    void initialise();
    void configure() const;
    void launch();
    /// Waits until it answers. @return Empty when it does, or why it never will.
    std::optional<std::string> wait_until_ready();
    void run_initdb() const;
    /// The server's log from a place in its file, but at most its last 2,000 bytes.
    [[nodiscard]] std::string log_since(std::uintmax_t begin) const;

    private_postgres_options options_;
    std::optional<unix_user> user_;
    std::filesystem::path bin_;
    private_directory directory_;
    int port_ = 0;
    std::optional<child_process> server_;
};

}  // namespace onceward::dev
