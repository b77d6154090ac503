#pragma once

/// @file
/// The relay's port to its dead letters over the simulated PostgreSQL. No topic is ever held here.

#include "relay/ports.hpp"
#include "session.hpp"

namespace onceward::sim {

class aside_store final : public relay_core::aside_store {
public:
    aside_store(environment& env, pg_server& server, const process& owner)
        : env_(env), server_(server), session_(env, server, owner) {}

    result<relay_core::exceptions> load() override;
    result<done> bury(const relay_core::lease& held, const relay_core::event_ref& event,
                      const std::string& reason) override;

    result<done> hold_topic(const relay_core::lease&, const std::string&,
                            const std::string&) override {
        return done{};
    }
    result<std::size_t> hold(const relay_core::lease&,
                             std::span<const relay_core::event_ref>) override {
        return std::size_t{0};
    }
    result<relay_core::chunk> held(const std::string&, std::size_t, std::size_t) override {
        return relay_core::chunk{};
    }
    result<std::size_t> count_held() override { return std::size_t{0}; }
    result<done> unhold(const relay_core::lease&, std::span<const relay_core::event_ref>) override {
        return done{};
    }
    result<done> release_topic(const relay_core::lease&, const std::string&) override {
        return done{};
    }

private:
    environment& env_;
    pg_server& server_;
    session session_;
};

}  // namespace onceward::sim
