/// @file
/// Quickstart, the consumer's side: each event takes effect once. Ends at Ctrl-C.
///
///   quickstart_receive <database> <brokers>

#include <csignal>
#include <exception>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>

#include <pqxx/pqxx>
#include <unistd.h>

#include "onceward/inbox.hpp"

// [apply]
void receive(const std::string& database, const std::string& brokers, std::stop_token stop) {
    onceward::inbox inbox({.consumer = "bank", .database = database, .brokers = brokers});

    inbox.on("payments", "payment.made", [](auto& context, const onceward::message& m) {
        context.tx().exec_params("UPDATE account SET balance = balance + $1 WHERE name = $2",
                                 m.payload.value(), m.key.value());
    });
    inbox.run(stop);  // Update, message id and position commit together, once.
}
// [/apply]

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: quickstart_receive <database> <brokers>\n";
        return 2;
    }
    // Blocked before any thread exists, so that every thread inherits it and only sigwait sees
    // them.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    int code = 0;
    std::jthread consumer([&](std::stop_token stop) {
        try {
            receive(argv[1], argv[2], stop);
        } catch (const std::exception& error) {
            std::cerr << "quickstart_receive: " << error.what() << '\n';
            code = 1;
            ::kill(::getpid(), SIGTERM);
        }
    });
    int signal = 0;
    sigwait(&ends, &signal);
    consumer.request_stop();
    consumer.join();
    return code;
}
