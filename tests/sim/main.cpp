/// @file
/// onceward-sim: runs seeds and prints what they break.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "world.hpp"

namespace {

using namespace onceward::sim;

constexpr const char* usage =
    "onceward-sim [--runs N] [--seed S] [--plant NAME] [--all] [--to-the-end] [--trace]\n\n"
    "Runs N seeds (1,000) from S (1) on and prints each promise that breaks with the seed to\n"
    "replay. --plant switches a planted bug on. Stops at the first violation, unless --all goes\n"
    "on with the next seed, or --to-the-end with what else follows from it.\n"
    "--trace tells what happens, for one seed.\n";

struct arguments {
    std::uint64_t runs = 1'000;
    std::uint64_t seed = 1;
    plant bug = plant::none;
    bool all = false;
    bool trace = false;
    bool to_the_end = false;
};

std::uint64_t number(const std::string& text) {
    char* end = nullptr;
    const std::uint64_t n = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0') {
        std::cerr << "\"" << text << "\" is no number\n" << usage;
        std::exit(2);
    }
    return n;
}

arguments parse(int argc, char** argv) {
    arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const bool has_value = i + 1 < argc;
        if (name == "--all") {
            a.all = true;
        } else if (name == "--to-the-end") {
            a.to_the_end = true;
        } else if (name == "--trace") {
            a.trace = true;
        } else if (name == "--runs" && has_value) {
            a.runs = number(argv[++i]);
        } else if (name == "--seed" && has_value) {
            a.seed = number(argv[++i]);
        } else if (name == "--plant" && has_value && plant_of(argv[i + 1])) {
            a.bug = *plant_of(argv[++i]);
        } else {
            std::cerr << usage;
            std::exit(name == "--help" ? 0 : 2);
        }
    }
    return a;
}

void print(const coverage& all) {
    for (std::size_t i = 0; i < seen_count; ++i) {
        const auto what = static_cast<seen>(i);
        fmt::print("{:>10}  {}\n", all.of(what), name_of(what));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto a = parse(argc, argv);
    const auto begin = std::chrono::steady_clock::now();
    coverage all;
    std::uint64_t ran = 0;
    std::uint64_t broken = 0;
    std::size_t events = 0;
    for (; ran < a.runs && (a.all || broken == 0); ++ran) {
        world w(a.seed + ran, a.bug, a.trace);
        w.run(a.to_the_end);
        all.add(w.what_was_seen());
        events += w.events();
        if (w.violations().empty()) continue;
        ++broken;
        for (const auto& v : w.violations()) {
            fmt::print("BROKEN \"{}\": {}\n", name_of(v.broken), v.what);
        }
        fmt::print("  replay: onceward-sim --runs 1 --seed {} --plant {}\n", a.seed + ran,
                   name_of(a.bug));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    print(all);
    fmt::print("{} runs, {} broken, {} events, {:.1f} runs/s\n", ran, broken, events,
               static_cast<double>(ran) / took.count());
    return broken == 0 ? 0 : 1;
}
