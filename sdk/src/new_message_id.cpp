#include <chrono>
#include <mutex>
#include <random>

#include "core/uuid7.hpp"
#include "onceward/message_id.hpp"

namespace onceward {

message_id new_message_id() {
    static std::mutex guard;
    static uuid7_sequence sequence;
    static std::random_device dice;
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const std::lock_guard lock(guard);
    const uuid7_random random{.a = static_cast<std::uint16_t>(dice()),
                              .b = static_cast<std::uint64_t>(dice()) << 32 | dice()};
    return sequence.next(static_cast<std::uint64_t>(now.time_since_epoch().count()), random);
}

}  // namespace onceward
