/// @file
/// What this machine can do without the relay, and what a relay's users see, each as a command:
///
///   onceward_bench copy CONNINFO
///   onceward_bench produce LOAD
///   onceward_bench produce-tx LOAD BATCH
///   onceward_bench floor LOAD PER_SECOND SECONDS
///   onceward_bench path CONNINFO LOAD PER_SECOND SECONDS
///   onceward_bench naive CONNINFO LOAD
///   onceward_bench writer CONNINFO TRANSACTIONS
///
/// LOAD is BROKERS TOPIC PARTITIONS EVENTS PAYLOAD_BYTES KEYS. Each prints one JSON object.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "probes.hpp"

namespace {

using namespace onceward::bench;
using arguments = std::span<const std::string>;

constexpr std::size_t load_size = 6;

load load_of(arguments a) {
    return {.brokers = a[0],
            .topic = a[1],
            .partitions = std::stoi(a[2]),
            .events = std::stoull(a[3]),
            .payload = std::stoul(a[4]),
            .keys = std::stoull(a[5])};
}

pace pace_of(arguments a) {
    return {.per_second = std::stoull(a[0]), .seconds = std::stoull(a[1])};
}

struct probe {
    const char* name;
    std::size_t takes;
    void (*run)(arguments);
};

constexpr probe probes[] = {
    {"copy", 1, [](arguments a) { copy(a[0]); }},
    {"produce", load_size, [](arguments a) { produce(load_of(a)); }},
    {"produce-tx", load_size + 1,
     [](arguments a) { produce_in_transactions(load_of(a), std::stoull(a[load_size])); }},
    {"floor", load_size + 2, [](arguments a) { floor(load_of(a), pace_of(a.subspan(load_size))); }},
    {"path", load_size + 3,
     [](arguments a) { path(a[0], load_of(a.subspan(1)), pace_of(a.subspan(load_size + 1))); }},
    {"naive", load_size + 1, [](arguments a) { naive(a[0], load_of(a.subspan(1))); }},
    {"writer", 2, [](arguments a) { writer(a[0], std::stoull(a[1])); }},
};

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> given(argv + std::min(argc, 2), argv + argc);
    const std::string name = argc > 1 ? argv[1] : "";
    try {
        for (const auto& p : probes) {
            if (p.name == name && p.takes == given.size()) return p.run(given), 0;
        }
        std::fprintf(stderr,
                     "onceward_bench: no such command; see bench/main.cpp, or use scripts/bench\n");
        return 64;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "onceward_bench: %s: %s\n", name.c_str(), e.what());
        return 1;
    }
}
