/// @file
/// A service that embeds the relay, reduced to the look it takes before it starts.
///
///   look <database>

#include <iostream>

#include "onceward/relay.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const onceward::relay relay({.database = argv[1], .brokers = "localhost:9"}, {});
    const auto problems = relay.preflight();
    for (const auto& problem : problems) std::cerr << problem << '\n';
    return problems.empty() ? 0 : 1;
}
