/// @file
/// Quickstart, the service's side: a row and an event in one transaction.
///
///   quickstart_pay <database> <from> <to> <amount>

#include <iostream>
#include <string>

#include <pqxx/pqxx>

#include "onceward/outbox.hpp"

// [add]
void pay(pqxx::connection& database, const std::string& from, const std::string& to, int amount) {
    pqxx::work tx(database);
    tx.exec_params("UPDATE account SET balance = balance - $1 WHERE name = $2", amount, from);

    onceward::outbox().add(tx, {.topic = "payments",
                                .key = to,
                                .type = "payment.made",
                                .payload = std::to_string(amount),
                                .content_type = "text/plain"});
    tx.commit();  // The row and the event, or neither.
}
// [/add]

int main(int argc, char** argv) try {
    if (argc != 5) {
        std::cerr << "usage: quickstart_pay <database> <from> <to> <amount>\n";
        return 2;
    }
    pqxx::connection database(argv[1]);
    pay(database, argv[2], argv[3], std::stoi(argv[4]));
} catch (const std::exception& error) {
    std::cerr << "quickstart_pay: " << error.what() << '\n';
    return 1;
}
