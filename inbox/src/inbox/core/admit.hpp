#pragma once

/// @file
/// consume -> **admit** -> apply. Decides for each message of a batch whether it takes effect.
///
/// | id in the inbox | id's time in the window | offset < next | decision                    |
/// |-----------------|-------------------------|---------------|-----------------------------|
/// | yes             | any                     | any           | duplicate                   |
/// | yes, other hash | any                     | any           | quarantine: a producer's bug |
/// | no              | yes                     | any           | apply                       |
/// | no              | before it               | yes           | old replay                  |
/// | no              | before it               | no            | quarantine: may be new      |
/// | -               | after it, or no UUIDv7  | any           | quarantine                  |

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "onceward/message_id.hpp"

namespace onceward::inbox_core {

/// What is known of a message before the database is asked.
struct identity {
    std::int64_t offset = 0;
    std::optional<std::string> id_header;  ///< As it came; empty when there is none.
    std::int64_t payload_hash = 0;
};

/// The times for which the inbox can tell a new id from a repeated one.
struct id_window {
    message_id::time_point horizon;  ///< Ids made before it may have been forgotten.
    std::chrono::sys_days last_day;  ///< Ids of later days have no place in the table yet.
};

enum class admission : std::uint8_t { apply, duplicate, old_replay, quarantine };

struct decision {
    admission what = admission::quarantine;
    std::string reason;  ///< Of a quarantine, one sentence; else empty.
};

/// One batch's admission. The facts come in this order: construction, `inserted`, `known` for each
/// id of `to_look_up`; after that `of` answers. The same facts give the same answers.
class batch_admission {
public:
    /// @param next_off  The partition's position: everything below it has been decided on.
    batch_admission(std::span<const identity> messages, id_window window, std::int64_t next_off);

    /// The messages whose ids the store inserts where it does not have them: the first of each id
    /// inside the window. Ascending by id, so that competitors lock in one order.
    [[nodiscard]] const std::vector<std::size_t>& to_insert() const { return to_insert_; }

    /// Fact: the store did not have these ids, and has them now.
    void inserted(std::span<const message_id> ids);

    /// Ids whose stored payload hash is asked for: those not inserted and those before the window.
    [[nodiscard]] std::vector<message_id> to_look_up() const;

    /// Fact: the store had this id, with this payload.
    void known(const message_id& id, std::int64_t payload_hash);

    [[nodiscard]] decision of(std::size_t index) const;

    /// The message's id, where it has a usable one.
    [[nodiscard]] const std::optional<message_id>& id(std::size_t index) const;

private:
    enum class place : std::uint8_t { unusable, ahead, inside, before };

    struct entry {
        identity facts;
        std::optional<message_id> id;
        place where = place::unusable;
        std::size_t first = 0;  // index of the batch's first message with this id
    };

    [[nodiscard]] decision of_first(const entry& e) const;
    [[nodiscard]] decision of_repeat(const entry& e) const;

    id_window window_;
    std::int64_t next_off_;
    std::vector<entry> entries_;
    std::vector<std::size_t> to_insert_;
    std::set<message_id> inserted_;
    std::map<message_id, std::int64_t> known_;
};

}  // namespace onceward::inbox_core
