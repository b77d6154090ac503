#pragma once

/// @file
/// The relay's port to its cursor row over the simulated PostgreSQL.

#include <optional>
#include <string>

#include "relay/ports.hpp"
#include "session.hpp"

namespace onceward::sim {

/// How far a position reaches: a successor that resumes there publishes none of what it passes.
class reach {
public:
    explicit reach(const relay_core::position& p);

    [[nodiscard]] bool passes(const outbox_row& row) const;

private:
    std::optional<relay_core::snapshot> lo_;
    std::optional<relay_core::snapshot> hi_;
    std::int64_t done_seq_;
};

class cursor_store final : public relay_core::cursor_store {
public:
    cursor_store(environment& env, pg_server& server, const process& owner)
        : env_(env), server_(server), session_(env, server, owner) {}

    result<relay_core::lease> acquire(const std::string& last_lease_id) override;
    /// What the row held when the lease was acquired, whatever a planted bug made of it.
    [[nodiscard]] const relay_core::position& found() const { return found_; }
    result<done> store(const relay_core::lease& held, const relay_core::position& p) override;
    result<done> release(const relay_core::lease& held) override;
    result<done> report(const relay_core::lease& held, bool stopped,
                        const std::string& reason) override;
    result<int> pin_partitions(const std::string& topic, int partitions) override;

private:
    template <class Change>
    result<done> change_if(bool needs_life, const relay_core::lease& held, Change change);
    [[nodiscard]] bool may_write(bool needs_life, const relay_core::lease& held) const;
    relay_core::lease take(const std::string& last_lease_id);
    void check_store(const relay_core::lease& held, const relay_core::position& p);

    environment& env_;
    pg_server& server_;
    session session_;
    relay_core::position found_;
};

}  // namespace onceward::sim
