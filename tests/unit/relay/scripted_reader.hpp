#pragma once

/// @file
/// An outbox whose answers a test writes down beforehand.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "relay/ports.hpp"

namespace onceward::relay_core {

/// Answers in the order of the script, and remembers how it was asked.
class scripted_reader final : public outbox_reader {
public:
    // The script.
    std::deque<result<opened_window>> windows;        ///< Answers to `open`.
    std::deque<result<confirmation>> confirmations;   ///< To `confirm`; none left: all is well.
    std::deque<result<confirmation>> barriers;        ///< To `barrier`.
    std::vector<std::uint64_t> latecomers_with_rows;  ///< To `with_rows`.
    std::int64_t below_all = 0;                       ///< To `floor`.
    std::map<std::uint64_t, std::vector<std::int64_t>> runs;  ///< Rows by latecomer, in order.

    // How it was asked.
    std::vector<std::string> calls;  ///< "open 1:1:", "confirm 0/8", "run 0 after 3" ...
    std::vector<std::uint64_t> asked_for_rows;
    std::size_t least_bytes_max = SIZE_MAX;

    result<opened_window> open(const snapshot& lo) override;
    result<std::vector<std::uint64_t>> with_rows(const std::vector<std::uint64_t>& xids) override;
    result<std::int64_t> floor(const snapshot& lo, const snapshot& hi) override;
    result<run_chunk> read_run(const snapshot& lo, const snapshot& hi, const run_query& run,
                               std::size_t events_max, std::size_t bytes_max) override;
    result<confirmation> confirm(const std::string& wal_end) override;
    result<confirmation> barrier() override;
};

/// A window that is alive and durable, complete with these events.
opened_window window_to(const char* hi, std::initializer_list<std::int64_t> seqs = {});

failure lost_connection();

}  // namespace onceward::relay_core
