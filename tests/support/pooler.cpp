#include "support/pooler.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "dev/unix_user.hpp"
#include "pg/handles.hpp"
#include "support/eventually.hpp"
#include "support/temp_directory.hpp"

namespace onceward::test {

namespace {

constexpr int port = 6432;  // only the name of a socket in a directory of its own

std::string users_file(const std::vector<std::string>& users) {
    std::string text = "\"postgres\" \"\"\n";
    for (const auto& u : users) text += fmt::format("\"{}\" \"\"\n", u);
    return text;
}

/// A server that was away is tried again at once.
std::string settings(const dev::private_postgres& server, const std::filesystem::path& directory,
                     const pooler_options& o) {
    return fmt::format(
        "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr =\nlisten_port = {}\n"
        "unix_socket_dir = {}\nauth_type = trust\nauth_file = {}\npool_mode = {}\n"
        "default_pool_size = {}\nserver_round_robin = 1\nserver_login_retry = 0.1\n"
        "max_client_conn = 200\nadmin_users = postgres\n",
        server.socket_directory().string(), server.port(), port, (directory / "socket").string(),
        (directory / "users").string(), o.mode, o.pool_size);
}

dev::child_options launch(const dev::private_directory& directory,
                          const dev::private_postgres& server, const pooler_options& o) {
    directory.subdirectory("socket");
    directory.file("users", users_file(o.users));
    directory.file("log", "");
    const auto ini = directory.file("pgbouncer.ini", settings(server, directory.path(), o));
    return {.argv = {"/usr/sbin/pgbouncer", ini.string()},
            .user = dev::unprivileged_user(),
            .directory = directory.path(),
            .output = directory.path() / "log"};
}

}  // namespace

pooler::pooler(const dev::private_postgres& server, const pooler_options& options)
    : directory_(dev::unprivileged_user()), process_(launch(directory_, server, options)) {
    const std::string ping = through(server.conninfo());
    if (eventually([&] { return PQping(ping.c_str()) == PQPING_OK; })) return;
    throw std::runtime_error("PgBouncer does not answer:\n" +
                             content_of(directory_.path() / "log"));
}

std::string pooler::through(const std::string& conninfo) const {
    return fmt::format("{} host={} port={}", conninfo, (directory_.path() / "socket").string(),
                       port);
}

void pooler::command(const std::string& word) const {
    const std::string console = through("user=postgres dbname=pgbouncer");
    const pg::conn_handle c(PQconnectdb(console.c_str()));
    const pg::result_handle r(PQexec(c.get(), word.c_str()));
    if (PQresultStatus(r.get()) != PGRES_COMMAND_OK)
        throw std::runtime_error(PQerrorMessage(c.get()));
}

}  // namespace onceward::test
