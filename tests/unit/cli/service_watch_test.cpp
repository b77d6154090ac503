#include "relay/service_watch.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "exit_code.hpp"
#include "support/eventually.hpp"
#include "support/notify_listener.hpp"

namespace onceward::cli {
namespace {

using namespace std::chrono_literals;
using test::eventually;

/// A relay of which only the state is there.
class scripted_relay {
public:
    void is(relay_state state) {
        const std::lock_guard lock(guard_);
        state_ = std::move(state);
    }
    relay_state look() const {
        const std::lock_guard lock(guard_);
        return state_;
    }

private:
    mutable std::mutex guard_;
    relay_state state_;
};

relay_state leader(std::string reason, std::chrono::milliseconds since_tick) {
    return {.role = relay_role::leader,
            .reason = std::move(reason),
            .since_tick = since_tick,
            .tick_within = 1s};
}

class ServiceWatch : public testing::Test {
protected:
    /// The manager has heard of this state, so later datagrams are of it or of newer ones.
    bool hears_of(const std::string& reason, std::chrono::milliseconds since_tick) {
        relay_.is(leader(reason, since_tick));
        return eventually([&] { return manager_.has("STATUS=leader: " + reason); });
    }

    service_watch watch(std::optional<std::chrono::microseconds> watchdog) {
        return {{.socket = manager_.address(), .watchdog = watchdog},
                [this] { return service_look{.state = relay_.look()}; },
                stop_.get_token()};
    }

    test::notify_listener manager_;
    scripted_relay relay_;
    std::stop_source stop_;
};

TEST_F(ServiceWatch, SaysReadyAndGivesSignsOfLife) {
    const auto watching = watch(4ms);

    EXPECT_TRUE(hears_of("well", 0ms));
    EXPECT_TRUE(manager_.has("READY=1"));
    EXPECT_TRUE(eventually([&] { return manager_.has("WATCHDOG=1"); }));
}

// Goal: a loop that hangs is not kept alive by the thread that watches it.
// Method: signs of life are wanted at every look; over twenty looks at a relay that hangs, each
// seen by its own status, none may come.
TEST_F(ServiceWatch, GivesNoSignOfLifeForALoopThatHangs) {
    relay_.is(leader("hangs", 1min));
    const auto watching = watch(4us);

    for (int i = 0; i < 20; ++i) ASSERT_TRUE(hears_of(std::to_string(i), 1min));

    EXPECT_FALSE(manager_.has("WATCHDOG=1"));
}

TEST_F(ServiceWatch, SaysThatItStopsEvenWhenTheEndIsQuick) {
    {
        const auto watching = watch(std::nullopt);
        stop_.request_stop();
    }

    EXPECT_TRUE(manager_.has("STOPPING=1"));
}

TEST_F(ServiceWatch, RefusesASocketThatItDoesNotUnderstand) {
    EXPECT_THROW(service_watch({.socket = "tcp:1"}, [] { return service_look{}; }, {}), stop_with);
}

class ServiceManager : public testing::Test {
protected:
    void SetUp() override { ::setenv("NOTIFY_SOCKET", "/run/notify", 1); }
    void TearDown() override {
        for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }
};

TEST_F(ServiceManager, AsksForSignsOfLifeOfThisProcess) {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    EXPECT_EQ(service_manager_of_environment().socket, "/run/notify");
    EXPECT_EQ(service_manager_of_environment().watchdog, 30s);

    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(service_manager_of_environment().watchdog, 30s);

    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(service_manager_of_environment().watchdog, std::nullopt);
}

TEST_F(ServiceManager, RefusesNumbersThatAreNone) {
    for (const auto* bad : {"soon", "0", "-1", "1s"}) {
        ::setenv("WATCHDOG_USEC", bad, 1);
        EXPECT_THROW(service_manager_of_environment(), stop_with) << bad;
    }
}

}  // namespace
}  // namespace onceward::cli
