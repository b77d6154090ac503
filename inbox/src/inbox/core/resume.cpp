#include "inbox/core/resume.hpp"

#include <fmt/format.h>

namespace onceward::inbox_core {

std::string why_not_resume(std::int64_t next_off, log_range log) {
    if (next_off < log.begin) {
        return fmt::format(
            "Kafka has deleted messages that were never applied: the position is {}, the log "
            "begins "
            "at {}. Publish them again from the producer's outbox, then set next_off to {} in "
            "inbox_position.",
            next_off, log.begin, log.begin);
    }
    if (next_off > log.end) {
        return fmt::format(
            "The topic was made anew or has lost messages: the position is {}, the log ends at {}. "
            "Find out which, then set next_off in inbox_position, 0 for a new topic.",
            next_off, log.end);
    }
    return {};
}

}  // namespace onceward::inbox_core
