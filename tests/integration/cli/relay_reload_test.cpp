// SIGHUP: what a running relay takes over, what it refuses, and that it relays on meanwhile.

#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "relay_command.hpp"
#include "support/temp_directory.hpp"

namespace onceward {
namespace {

using test::captured_process;
using test::eventually;
using test::value_of;

class RelayReload : public test::RelayCommand {
protected:
    void write(const std::string& name, const std::string& content) {
        std::ofstream(files_.path() / name) << content;
    }
    /// The configuration, with these lines on top of what every relay needs.
    void configure(const std::string& lines) {
        write("o.yaml", "database: \"" + database_ + "\"\nbrokers: " + broker_.bootstrap() +
                            "\nlog-format: json\n" + lines);
    }
    [[nodiscard]] std::vector<std::string> configured_relay() const {
        return test::command_line({"relay", "--config", files_.path() / "o.yaml"});
    }
    /// Who holds the lease now, with the random part of this relay's name; empty: nobody.
    std::string owner() {
        return value_of(db_, "SELECT owner FROM onceward.relay_cursor WHERE lease_until > now()");
    }
    [[nodiscard]] bool started(captured_process& p) {
        return eventually([&] { return !owner().empty(); }) || !p.running();
    }
    /// Whether an event that is added now is published.
    [[nodiscard]] bool relays_on() {
        add_event();
        return eventually([&] { return all_published(); });
    }
    static bool says(captured_process& p, const std::string& what) {
        return eventually([&] { return p.err().find(what) != std::string::npos; });
    }

    test::temp_directory files_;
};

TEST_F(RelayReload, TakesAChangedOptionAndRelaysOn) {
    configure("name: before\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    ASSERT_TRUE(owner().starts_with("before/")) << p.err();
    ASSERT_TRUE(relays_on()) << p.err();

    configure("name: after\npoll-max: 50ms\n");
    p.signal(SIGHUP);

    EXPECT_TRUE(eventually([&] { return owner().starts_with("after/"); })) << p.err();
    EXPECT_TRUE(says(p, "\"changed\":\"name,poll-max\",\"new_relay\":true")) << p.err();
    EXPECT_TRUE(relays_on()) << p.err();
    p.signal(SIGTERM);
    EXPECT_EQ(p.wait(), 0) << p.err();
    EXPECT_NE(p.err().find("\"published\":2"), std::string::npos) << p.err();
}

TEST_F(RelayReload, KeepsTheOldConfigurationWhereTheFileIsWrong) {
    configure("name: before\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    const std::string before = owner();

    configure("name: after\npiece_events: 7\n");
    p.signal(SIGHUP);

    ASSERT_TRUE(says(p, "the old one stays in force")) << p.err();
    EXPECT_TRUE(says(p, "did you mean piece-events?")) << p.err();
    EXPECT_TRUE(relays_on()) << p.err();
    EXPECT_EQ(owner(), before);

    configure("name: after\npiece-events: 7\n");
    p.signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return owner().starts_with("after/"); })) << p.err();
}

TEST_F(RelayReload, KeepsTheOldConfigurationWhereKafkaOrTheDatabaseWouldRefuseIt) {
    configure("name: before\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    const std::string before = owner();

    configure("name: after\nkafka: {linger.mss: 7}\n");
    p.signal(SIGHUP);
    ASSERT_TRUE(says(p, "linger.mss")) << p.err();

    value_of(db_, "ALTER SEQUENCE onceward.outbox_seq CACHE 2");
    configure("name: after\n");
    p.signal(SIGHUP);
    ASSERT_TRUE(says(p, "CACHE 2")) << p.err();
    EXPECT_EQ(owner(), before);
}

TEST_F(RelayReload, NamesWhatOnlyARestartChangesAndTakesTheRest) {
    configure("name: before\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();

    configure("name: after\nshard: 7\n");
    p.signal(SIGHUP);

    EXPECT_TRUE(says(p, "shard has changed, but only a restart changes it")) << p.err();
    EXPECT_TRUE(eventually([&] { return owner().starts_with("after/"); })) << p.err();
    EXPECT_TRUE(relays_on()) << p.err();
}

TEST_F(RelayReload, SaysThatStandardInputCannotBeReadAgain) {
    configure("");
    captured_process p({"/bin/sh", "-c", "exec \"$0\" relay --config - <\"$1\"", ONCEWARD_PROGRAM,
                        files_.path() / "o.yaml"});
    ASSERT_TRUE(started(p)) << p.err();

    p.signal(SIGHUP);

    EXPECT_TRUE(says(p, "standard input, which cannot be read again")) << p.err();
    EXPECT_TRUE(relays_on()) << p.err();
}

TEST_F(RelayReload, StopsWithWorkLeftWhenItIsToldToWhileItReloads) {
    configure("stop-timeout: 1s\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    ASSERT_TRUE(relays_on()) << p.err();
    ASSERT_TRUE(has_an_event_in_flight()) << p.err();

    configure("stop-timeout: 1s\nname: after\n");
    p.signal(SIGHUP);
    p.signal(SIGTERM);

    EXPECT_EQ(p.wait(), 75) << p.err();
}

TEST_F(RelayReload, ChangesTheLogWithoutANewRelay) {
    configure("log-level: error\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    const std::string before = owner();
    ASSERT_EQ(p.err(), "");

    configure("log-level: info\n");
    p.signal(SIGHUP);

    EXPECT_TRUE(says(p, "\"changed\":\"log-level\",\"new_relay\":false")) << p.err();
    EXPECT_EQ(owner(), before);
}

TEST_F(RelayReload, FindsASecretThatWasRotatedInItsFile) {
    write("secret", "first");
    configure("kafka: {sasl.password_file: " + (files_.path() / "secret").string() + "}\n");
    captured_process p(configured_relay());
    ASSERT_TRUE(started(p)) << p.err();
    p.signal(SIGHUP);
    ASSERT_TRUE(says(p, "\"new_relay\":false")) << p.err();

    write("secret", "second");
    p.signal(SIGHUP);

    EXPECT_TRUE(says(p, "\"new_relay\":true")) << p.err();
    EXPECT_TRUE(relays_on()) << p.err();
    EXPECT_EQ(p.err().find("second"), std::string::npos);
}

}  // namespace
}  // namespace onceward
