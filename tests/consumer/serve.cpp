/// @file
/// A service whose one endpoint may be asked again and again; asks itself twice.
///
///   serve <database>

#include <iostream>
#include <thread>

#include <pqxx/pqxx>

#include "onceward/idempotency_guard.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const auto lend = [&](const auto& use) {
        pqxx::connection c(argv[1]);
        use(c);
    };
    onceward::idempotency_guard guard(lend);
    httplib::Server server;
    server.Post("/payments", guard.protect("POST /payments", [](auto& tx, const auto&, auto& rs) {
        tx.exec("UPDATE account SET balance = balance - 1 WHERE name = 'carol'");
        rs.set_content("paid", "text/plain");
    }));
    const int port = server.bind_to_any_port("127.0.0.1");
    std::jthread serving([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();

    httplib::Client client("127.0.0.1", port);
    const httplib::Headers key{{"Idempotency-Key", "\"one\""}};
    const auto first = client.Post("/payments", key, "{}", "application/json");
    const auto again = client.Post("/payments", key, "{}", "application/json");
    server.stop();
    if (!first || !again) return 1;
    std::cout << first->body << ' ' << again->body << ' '
              << again->get_header_value("Idempotent-Replayed") << '\n';
}
