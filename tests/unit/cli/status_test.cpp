#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "status/diagnose.hpp"
#include "status/render.hpp"

namespace onceward::cli {
namespace {

facts healthy() {
    return {.schema = "onceward",
            .version = 4,
            .required_version = 4,
            .shards = {{.shard = 0,
                        .owner = "relay/1a2b",
                        .lease = lease_state::held,
                        .state = "running",
                        .epoch = 3,
                        .pending = {12},
                        .oldest_pending_s = 0.4}},
            .partitions = {{.consumer = "billing",
                            .topic = "orders",
                            .partition = 2,
                            .owner = "billing/3c",
                            .epoch = 5,
                            .next_offset = 1'234,
                            .state = "running"}},
            .outbox_dead = bounded_count{0},
            .inbox_dead = bounded_count{0},
            .inbox_days_left = 7};
}

/// The one problem of `f`, remedy included.
std::string problem_of(const facts& f) {
    const auto found = diagnose(f);
    return found.size() == 1 ? found[0].what + " -> " + found[0].remedy
                             : std::to_string(found.size()) + " problems";
}

TEST(StatusDiagnosis, FindsNothingWhereEventsFlow) {
    EXPECT_TRUE(diagnose(healthy()).empty());
}

TEST(StatusDiagnosis, FindsNothingInADatabaseThatOnlyConsumes) {
    facts f = healthy();
    f.shards[0] = {.shard = 0, .lease = lease_state::none, .state = "idle"};

    EXPECT_TRUE(diagnose(f).empty());
}

TEST(StatusDiagnosis, MissesTheSchema) {
    EXPECT_EQ(
        problem_of({.schema = "onceward", .version = 0, .required_version = 4}),
        "there is no schema onceward in this database -> run `onceward migrate up` against it, or "
        "name another with --database or --schema");
    EXPECT_EQ(problem_of({.schema = "onceward", .version = 3, .required_version = 4}),
              "schema onceward has version 3, this program needs 4 -> run `onceward migrate up`");
}

TEST(StatusDiagnosis, MissesTheReaderOfASlot) {
    facts f = healthy();
    f.shards[0].slot = slot_facts{.is = slot_facts::kind::read, .wal_bytes = 5 << 20};
    EXPECT_TRUE(diagnose(f).empty());

    f.shards[0].slot->is = slot_facts::kind::unread;

    EXPECT_NE(problem_of(f).find("keeps 5 MiB of WAL -> start its relay"), std::string::npos);
}

TEST(StatusDiagnosis, SaysWhatASlotThatIsLostMeans) {
    facts f = healthy();
    f.shards[0].slot = slot_facts{.is = slot_facts::kind::lost};
    EXPECT_NE(problem_of(f).find("is invalidated"), std::string::npos);

    f.shards[0].slot->is = slot_facts::kind::gone;

    EXPECT_NE(problem_of(f).find("is gone; its relay reads the table until a new one is ready -> "
                                 "nothing is lost"),
              std::string::npos);
}

TEST(StatusDiagnosis, SaysThatAShardIsPausedAndHowToGoOn) {
    facts f = healthy();
    f.shards[0].paused = pause_facts{.reason = "topic moves", .by = "ann", .since = "today"};

    EXPECT_EQ(problem_of(f),
              "shard 0 is paused since today by ann: topic moves -> `onceward relay resume --shard "
              "0` when that is over");
}

TEST(StatusDiagnosis, NamesATopicThatIsHeld) {
    facts f = healthy();
    f.held_topics = {
        {.topic = "orders", .reason = "no such topic", .since = "today", .events = {7}}};

    EXPECT_EQ(problem_of(f),
              "7 events of topic orders are held since today: no such topic -> mend that; they are "
              "published before newer ones of the topic, by themselves");
}

TEST(StatusReadiness, IsGivenWhereARelayHoldsEachShardWhateverWaits) {
    facts f = healthy();
    f.shards[0].paused = pause_facts{.reason = "topic moves", .by = "ann", .since = "today"};
    f.shards[0].oldest_pending_s = 1e6;
    f.outbox_dead = bounded_count{3};
    f.partitions[0].state = "stopped";

    EXPECT_TRUE(unready(f).empty());
}

TEST(StatusReadiness, IsNotGivenWithoutSchemaOrHolderOrWhereAShardIsStopped) {
    EXPECT_EQ(unready({.schema = "onceward", .version = 0, .required_version = 4}).size(), 1U);
    for (const auto lease : {lease_state::none, lease_state::expired}) {
        facts f = healthy();
        f.shards[0].lease = lease;
        f.shards[0].pending = {0};
        ASSERT_EQ(unready(f).size(), 1U);
        EXPECT_EQ(unready(f)[0].what, "no relay holds the lease of shard 0");
    }
    facts f = healthy();
    f.shards[0].state = "stopped";
    EXPECT_EQ(unready(f).size(), 1U);
}

TEST(StatusDiagnosis, AcceptsANewerSchemaThatStillServesThisProgram) {
    facts f = healthy();
    f.version = f.required_version + 2;
    f.compatible_from = f.required_version;

    EXPECT_TRUE(diagnose(f).empty());
}

TEST(StatusDiagnosis, RefusesANewerSchemaThatHasLeftThisProgramBehind) {
    EXPECT_EQ(
        problem_of({.schema = "s", .version = 6, .required_version = 4, .compatible_from = 5}),
        "schema s has version 6, which serves programs built for version 5 or later; this one "
        "was built for 4 -> install the newer program, or take the schema back with its "
        "`onceward migrate down --to 4`");
}

TEST(StatusDiagnosis, MissesARelayWhereEventsWait) {
    for (const auto lease : {lease_state::none, lease_state::expired}) {
        facts f = healthy();
        f.shards[0].lease = lease;

        EXPECT_EQ(
            problem_of(f),
            "12 events of shard 0 wait and no relay holds its lease; the last was relay/1a2b -> "
            "start `onceward relay --shard 0`");
    }
}

TEST(StatusDiagnosis, SeesARelayThatFallsBehind) {
    facts f = healthy();
    f.shards[0].pending.counted = counted_max;
    f.shards[0].oldest_pending_s = slow_after_s + 1;

    EXPECT_EQ(problem_of(f),
              "the oldest of 10000+ events of shard 0 waits for 61 s -> look at the log of relay "
              "relay/1a2b: Kafka may be away or too slow");
}

TEST(StatusDiagnosis, GivesTheReasonOfAStoppedShard) {
    facts f = healthy();
    f.shards[0].state = "stopped";
    f.shards[0].reason = "event 0191 is refused";

    EXPECT_NE(problem_of(f).find("shard 0 is stopped: event 0191 is refused -> "),
              std::string::npos);
}

TEST(StatusDiagnosis, GivesTheReasonOfAShardThatIsHeldUp) {
    facts f = healthy();
    f.shards[0].reason = "topic orders does not exist";

    EXPECT_NE(problem_of(f).find("shard 0 is held up: topic orders does not exist"),
              std::string::npos);
}

TEST(StatusDiagnosis, GivesTheReasonOfAStoppedPartition) {
    facts f = healthy();
    f.partitions[0].state = "stopped";
    f.partitions[0].reason = "no such customer";

    EXPECT_NE(
        problem_of(f).find("consumer billing stopped at orders [2] offset 1234: no such customer"),
        std::string::npos);
}

TEST(StatusDiagnosis, CountsDeadLettersOfBothSides) {
    facts f = healthy();
    f.outbox_dead = bounded_count{3};
    EXPECT_NE(problem_of(f).find("3 events were refused by Kafka for good"), std::string::npos);

    f.outbox_dead = bounded_count{0};
    f.inbox_dead = bounded_count{counted_max};
    EXPECT_NE(problem_of(f).find("10000+ messages were kept aside"), std::string::npos);
}

TEST(StatusDiagnosis, RaisesTheAlarmBeyondTheLimitOnDisk) {
    facts f = healthy();
    f.disk = {.outbox_bytes = 3 << 20, .limit_bytes = 3 << 20};
    EXPECT_TRUE(diagnose(f).empty());

    f.disk.outbox_bytes += 1 << 20;
    EXPECT_NE(problem_of(f).find("takes 4 MiB on disk, more than its limit of 3 MiB"),
              std::string::npos);
}

TEST(StatusDiagnosis, SaysNothingOfWhatItMayNotSee) {
    facts f = healthy();
    f.inbox_dead.reset();

    EXPECT_TRUE(diagnose(f).empty());
}

/// Facts of which nothing is as it should be but what would hide something else.
facts ailing() {
    facts f = healthy();
    f.shards = {{.state = "stopped"},
                {.paused = pause_facts{}},
                {.reason = "Kafka is away"},
                {.lease = lease_state::none, .pending = {1}},
                {.lease = lease_state::held, .pending = {1}, .oldest_pending_s = 1e6},
                {.slot = slot_facts{.is = slot_facts::kind::unread}},
                {.slot = slot_facts{.is = slot_facts::kind::lost}}};
    f.held_topics = {{.topic = "orders"}};
    f.disk = {.outbox_bytes = 2, .limit_bytes = 1};
    f.partitions = {{.state = "stopped"}};
    f.outbox_dead = f.inbox_dead = bounded_count{1};
    f.inbox_days_left = 0;
    f.required_version = f.version + 1;
    return f;
}

TEST(StatusDiagnosis, UsesEveryDocumentedCodeAndEachForOneProblem) {
    std::multiset<std::string_view> found, documented;
    for (const auto& p : diagnose(ailing())) found.insert(code_of(p.kind));
    for (const auto& p : problem_codes) documented.insert(p.code);

    EXPECT_EQ(found, documented);
}

TEST(StatusText, ShowsShardsPartitionsAndTheVerdict) {
    const std::string text = render_text(healthy(), {});

    for (const char* part : {"schema onceward version 4", "relay/1a2b", "held", "billing", "orders",
                             "1234", "all is well"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    }
}

TEST(StatusText, ShowsEachProblemWithItsRemedy) {
    const std::string text =
        render_text(healthy(), {{problem_kind::no_relay, "it is dark", "switch on the light"}});

    EXPECT_NE(text.find("PROBLEM it is dark\n  -> switch on the light\n"), std::string::npos);
    EXPECT_EQ(text.find("all is well"), std::string::npos);
}

TEST(StatusText, LetsNoStoredTextSteerTheTerminal) {
    facts f = healthy();
    f.shards[0].owner = "a\x1b[2Jb\nc";

    const std::string text = render_text(f, {{problem_kind::no_relay, "x\x1b]0;y\x07", "z"}});

    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
    EXPECT_NE(text.find("a?[2Jb?c"), std::string::npos);
}

TEST(StatusJson, HoldsTheSame) {
    facts f = healthy();
    f.inbox_dead.reset();
    const auto j =
        nlohmann::json::parse(render_json(f, {{problem_kind::backlog_old, "what", "remedy"}}));

    EXPECT_EQ(j["schema"]["version"], 4);
    EXPECT_EQ(j["shards"][0]["owner"], "relay/1a2b");
    EXPECT_EQ(j["shards"][0]["lease"], "held");
    EXPECT_EQ(j["shards"][0]["pending"], 12);
    EXPECT_EQ(j["shards"][0]["pending_is_more"], false);
    EXPECT_EQ(j["inbox"][0]["next_offset"], 1'234);
    EXPECT_EQ(j["outbox_dead"], 0);
    EXPECT_TRUE(j["inbox_dead"].is_null());
    EXPECT_EQ(j["problems"][0]["code"], "backlog-old");
    EXPECT_EQ(j["problems"][0]["remedy"], "remedy");
    EXPECT_EQ(j["well"], false);
}

}  // namespace
}  // namespace onceward::cli
