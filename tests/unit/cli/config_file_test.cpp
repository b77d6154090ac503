#include "options/config_file.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "options/values.hpp"

namespace onceward::options {
namespace {

table rows() {
    return {text("brokers", "HOST:PORT", "", "Kafka."),
            count("piece-events", "events", {5'000, 100, 100'000}, "Events a read."),
            list("topic", "NAME", "A topic."),
            properties("kafka", "PROPERTY=VALUE", "Properties."),
            argument(text("filter", "TEXT", "", "Of one call.")),
            sections("outboxes", "LIST", "Several."),
            of_sections({text("schema", "NAME", "", "A schema.")}).front()};
}

std::vector<std::string> problems(const std::string& yaml) {
    return problems_in(parse_config("o.yaml", yaml), rows());
}

/// The message with which the text is refused as YAML.
std::string refusal(const std::string& yaml) {
    try {
        parse_config("o.yaml", yaml);
    } catch (const bad_option& e) {
        EXPECT_EQ(e.from(), origin::file);
        return e.what();
    }
    return "accepted";
}

using all = std::vector<std::string>;

TEST(ConfigFile, MayHaveAListOfMaps) {
    EXPECT_EQ(problems("outboxes:\n- schema: a\n- schema: b\n"), all{});
    EXPECT_EQ(problems("outboxes: []\n"), all{});
}

TEST(ConfigFile, SaysWhatIsWrongInAListOfMaps) {
    EXPECT_EQ(problems("outboxes:\n- schema: a\n- shema: b\n"),
              all{"o.yaml:3:3: outboxes[1].shema: there is no such option (did you mean schema?)"});
    EXPECT_EQ(problems("outboxes:\n- brokers: k\n"),
              all{"o.yaml:2:3: outboxes[0].brokers: is for the whole process: move it to the top "
                  "of the file"});
    EXPECT_EQ(problems("outboxes: shop\n"),
              all{"o.yaml:1:1: outboxes: must be a list of maps, such as outboxes: [{name: shop}, "
                  "{name: billing}]"});
    EXPECT_EQ(refusal("outboxes:\n- schema: a\n- b\n"),
              "o.yaml:3:3: outboxes must be a list of maps.");
    EXPECT_EQ(refusal("outboxes:\n- {schema: a, schema: b}\n"),
              "o.yaml:2:15: outboxes[0].schema is given already in o.yaml:2:4.");
}

TEST(ConfigFile, MayBeEmptyOrCommentsOnly) {
    EXPECT_TRUE(parse_config("o.yaml", "").settings.empty());
    EXPECT_TRUE(parse_config("o.yaml", "# nothing\n---\n").settings.empty());
}

TEST(ConfigFile, TakesNestedAndDottedKeysForTheSame) {
    for (const char* yaml : {"kafka: {linger.ms: 5}", "kafka.linger.ms: 5",
                             "kafka:\n  linger:\n    ms: 5\n", "kafka: {linger: {ms: '5'}}"}) {
        const auto file = parse_config("o.yaml", yaml);
        ASSERT_EQ(file.settings.size(), 1U) << yaml;
        EXPECT_EQ(file.settings[0].key, "kafka.linger.ms") << yaml;
        EXPECT_EQ(file.settings[0].items, all{"5"}) << yaml;
    }
}

TEST(ConfigFile, RefusesAKeyThatIsGivenTwiceInWhateverForm) {
    EXPECT_EQ(refusal("brokers: a:1\nbrokers: b:1\n"),
              "o.yaml:2:1: brokers is given already in o.yaml:1:1.");
    EXPECT_EQ(refusal("kafka: {linger.ms: 5}\nkafka.linger.ms: 6\n"),
              "o.yaml:2:1: kafka.linger.ms is given already in o.yaml:1:9.");
}

TEST(ConfigFile, NamesLineAndColumnOfWhatIsNoYaml) {
    EXPECT_TRUE(refusal("brokers: a:1\n  kafka: [\n").starts_with("o.yaml:2:"))
        << refusal("brokers: a:1\n  kafka: [\n");
    EXPECT_NE(refusal("- a\n- b\n").find("one YAML map"), std::string::npos);
    EXPECT_NE(refusal("a: 1\n---\nb: 1\n").find("one YAML map"), std::string::npos);
    EXPECT_NE(refusal("{a: 1}: 2\n").find("a key must be a word"), std::string::npos);
    EXPECT_NE(refusal("topic: [[a]]").find("list of words"), std::string::npos);
}

TEST(ConfigFile, RefusesWhatIsNestedWithoutEnd) {
    EXPECT_NE(refusal("a: {b: {c: {d: {e: {f: {g: {h: {i: {j: 1}}}}}}}}}").find("too deeply"),
              std::string::npos);
}

TEST(ConfigFile, RefusesAliasesThatStandForTooMuch) {
    std::string bomb = "a: &a {";
    for (int i = 0; i < 30; ++i) bomb += "k" + std::to_string(i) + ": 1, ";
    bomb += "z: 1}\n";
    for (const char* level : {"b", "c", "d"}) {
        const std::string before(1, static_cast<char>(level[0] - 1));
        bomb += std::string(level) + ": &" + level + " {";
        for (int i = 0; i < 30; ++i) bomb += "k" + std::to_string(i) + ": *" + before + ", ";
        bomb += "z: 1}\n";
    }

    EXPECT_NE(refusal(bomb).find("too many keys"), std::string::npos) << refusal(bomb);
}

// Whatever stands in the file, it is taken or refused with a place: never an end of the process.
TEST(ConfigFile, TakesOrRefusesAnyBytes) {
    const std::string good =
        "brokers: k:1\npiece-events: 100\ntopic: [a, 'b', \"c\"]\nkafka: &k {acks: all, b: {c: "
        "1}}\n"
        "x: *k\n? y\n: |\n  text\n!!str z: !t 1\n";
    std::mt19937 dice(7);
    int refused = 0;
    for (int round = 0; round < 3'000; ++round) {
        std::string text = good;
        for (int changes = 0; changes < 3; ++changes) {
            const std::size_t at = dice() % text.size();
            if (dice() % 2 == 0)
                text[at] = static_cast<char>(dice());
            else
                text.erase(at, dice() % 20);
            if (text.empty()) text = "a";
        }
        try {
            static_cast<void>(problems_in(parse_config("o.yaml", text), rows()));
        } catch (const bad_option& e) {
            ++refused;
            EXPECT_TRUE(std::string(e.what()).starts_with("o.yaml:")) << e.what();
        }
    }
    EXPECT_GT(refused, 100);
}

TEST(ConfigFile, HasNoProblemsWhereEverythingFits) {
    EXPECT_EQ(problems("brokers: k:1\npiece-events: 100\ntopic: [a, b]\nkafka: {acks: all}\n"),
              all{});
    EXPECT_EQ(problems("kafka:\n#  linger.ms: 5\n"), all{});
    EXPECT_EQ(problems("brokers: ''"), all{});
}

TEST(ConfigFile, NamesAnUnknownKeyAndWhatItMayMean) {
    EXPECT_EQ(problems("brokers: k:1\n\npiece_event: 100\n"),
              all{"o.yaml:3:1: piece_event: there is no such option (did you mean piece-events?)"});
    EXPECT_EQ(problems("completely: 1"), all{"o.yaml:1:1: completely: there is no such option"});
    EXPECT_EQ(problems("filter: x").size(), 1U);
}

TEST(ConfigFile, NamesEveryProblemAtOnce) {
    EXPECT_EQ(problems("broker: k:1\npiece-events: 99\n").size(), 2U);
}

TEST(ConfigFile, RefusesAValueOfTheWrongTypeOrRange) {
    EXPECT_EQ(problems("  piece-events: 99"),
              all{"o.yaml:1:3: piece-events: '99' is out of range; allowed: 100 to 100000 events"});
    EXPECT_EQ(problems("piece-events: many").size(), 1U);
    EXPECT_EQ(problems("piece-events: [100]"),
              all{"o.yaml:1:1: piece-events: is a list, but takes one value"});
    EXPECT_EQ(problems("brokers:"),
              all{"o.yaml:1:1: brokers: has no value; give one or remove the line"});
    EXPECT_EQ(problems("brokers: {a: b}").size(), 1U);
    EXPECT_EQ(problems("kafka: linger").size(), 1U);
    EXPECT_EQ(problems("kafka: {linger.ms: [1]}").size(), 1U);
}

}  // namespace
}  // namespace onceward::options
