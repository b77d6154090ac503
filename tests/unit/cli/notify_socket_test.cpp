#include "relay/notify_socket.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/notify_listener.hpp"

namespace onceward::cli {
namespace {

using test::notify_listener;

TEST(NotifySocket, SendsToAPath) {
    notify_listener manager(notify_listener::kind::path);

    EXPECT_TRUE(notify_socket(manager.address()).send("READY=1\nSTATUS=well\n"));
    EXPECT_EQ(manager.received(), "\nREADY=1\nSTATUS=well\n");
}

TEST(NotifySocket, SendsToAnAbstractName) {
    notify_listener manager(notify_listener::kind::abstract);

    EXPECT_TRUE(notify_socket(manager.address()).send("READY=1"));
    EXPECT_TRUE(manager.has("READY=1"));
}

TEST(NotifySocket, SaysThatNobodyListens) {
    EXPECT_FALSE(notify_socket("/nowhere/at/all").send("READY=1"));
}

TEST(NotifySocket, NeverWaitsForAManagerThatDoesNotRead) {
    notify_listener manager;
    const notify_socket socket(manager.address());

    bool taken = true;
    for (int i = 0; taken && i < 100'000; ++i) taken = socket.send("WATCHDOG=1");
    EXPECT_FALSE(taken);
}

TEST(NotifySocket, RefusesAnAddressOfAnotherFamily) {
    for (const std::string address : {"vsock:2:1", "relative", "@", "/"}) {
        EXPECT_THROW(notify_socket{address}, std::invalid_argument) << address;
    }
    EXPECT_THROW(notify_socket("/" + std::string(200, 'x')), std::invalid_argument);
}

}  // namespace
}  // namespace onceward::cli
