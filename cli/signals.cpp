#include "signals.hpp"

#include <chrono>
#include <system_error>

#include <unistd.h>

#include "exit_code.hpp"

namespace onceward::cli {

namespace {

/// A parent such as timeout(1) signals its child and then their whole group: one wish, two signals.
constexpr std::chrono::milliseconds echo{200};

sigset_t stopping_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
    return set;
}

}  // namespace

stop_signals::stop_signals(signal_actions actions) : actions_(std::move(actions)) {
    const sigset_t set = stopping_signals();
    const int error = pthread_sigmask(SIG_BLOCK, &set, &before_);
    if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_sigmask");
    taker_ = std::thread([this] { take(); });
}

stop_signals::~stop_signals() {
    ending_ = true;
    pthread_kill(taker_.native_handle(), SIGTERM);  // wakes sigwait
    taker_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void stop_signals::take() {
    using clock = std::chrono::steady_clock;
    const sigset_t set = stopping_signals();
    clock::time_point first;
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0 || ending_) return;
        if (number == SIGHUP && actions_.hangup) {
            actions_.hangup();
        } else if (!stop_.stop_requested()) {
            first = clock::now();
            stop_.request_stop();
        } else if (number == SIGINT && clock::now() - first > echo) {
            if (actions_.at_once) actions_.at_once();
            _exit(exit_interrupted);
        }
    }
}

}  // namespace onceward::cli
