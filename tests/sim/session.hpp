#pragma once

/// @file
/// A process's connection to the simulated PostgreSQL: replies get lost, the server crashes between
/// two statements, and behind a pooler nobody hears of it.

#include <type_traits>
#include <utility>

#include "onceward/result.hpp"
#include "pg_server.hpp"

namespace onceward::sim {

/// Whether the process of a session has been killed; a statement then does not return to it.
struct process {
    bool killed = false;
};

class session {
public:
    session(environment& env, pg_server& server, const process& owner)
        : env_(env), server_(server), owner_(owner), life_(server.life()) {}

    /// Runs one statement.
    /// @return A failure when the session has broken; the effect may have happened all the same.
    /// @throws process_killed  The owner was killed in the meantime.
    template <class Effect>
    result<std::invoke_result_t<Effect>> run(Effect effect) {
        if (!reaches_server()) return lost();
        auto answer = effect();
        effect_happened_ = true;
        if (!reply_arrives()) return lost();
        return answer;
    }

    /// Of the last statement: whether its effect happened, whatever the reply.
    [[nodiscard]] bool effect_happened() const { return effect_happened_; }

private:
    bool reaches_server();
    bool reply_arrives();
    void let_others_go_on();
    static failure lost();

    environment& env_;
    pg_server& server_;
    const process& owner_;
    std::uint64_t life_;
    bool broken_ = false;
    bool effect_happened_ = false;
};

}  // namespace onceward::sim
