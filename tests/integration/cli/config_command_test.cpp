#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "program.hpp"
#include "support/temp_directory.hpp"

namespace onceward {
namespace {

using test::expect_in;
using test::run_onceward;

class ConfigCommand : public testing::Test {
protected:
    /// A file below this test's directory.
    std::string file(const std::string& name, const std::string& content, mode_t mode = 0600) {
        const auto path = files_.path() / name;
        std::ofstream(path) << content;
        ::chmod(path.c_str(), mode);
        return path;
    }
    test::finished check(const std::string& yaml, const std::vector<std::string>& env = {}) {
        return run_onceward({"config", "check", "--config", file("o.yaml", yaml)}, env);
    }
    nlohmann::json shown(const std::string& yaml, std::vector<std::string> env = {}) {
        env.emplace_back("ONCEWARD_ADMIN_LISTEN");  // not what tests set, but the default
        const auto r =
            run_onceward({"config", "show", "--json", "--config", file("o.yaml", yaml)}, env);
        EXPECT_EQ(r.code, 0) << r.err;
        return nlohmann::json::parse(r.out);
    }

    test::temp_directory files_;
};

void expect_not_in(const std::string& text, const std::string& part) {
    EXPECT_EQ(text.find(part), std::string::npos) << "'" << part << "' in:\n" << text;
}

TEST_F(ConfigCommand, ChecksWithoutAnyServer) {
    const auto r = check("brokers: k:1\ndatabase: host=/nonexistent\nkafka: {linger.ms: 5}\n");

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.err, "");
}

TEST_F(ConfigCommand, NamesEveryLineThatIsWrong) {
    const auto r = check("brokers: k:1\nlease_ttl: 3s\npiece-events: 0\n");

    EXPECT_EQ(r.code, 78);
    expect_in(r.err, "o.yaml:2:1: lease_ttl: there is no such option (did you mean lease-ttl?)");
    expect_in(r.err, "o.yaml:3:1: piece-events: '0' is out of range; allowed: 1 to 100000 events");
}

TEST_F(ConfigCommand, RefusesWhatTheRelayWouldRefuse) {
    expect_in(check("lease-ttl: 3s\n").err, "brokers is not set");
    expect_in(check("brokers: k:1\npoll-min: 2s\npoll-max: 1s\n").err, "poll_min");
    expect_in(check("brokers: k:1\nkafka: {linger.mss: 5}\n").err, "linger.mss");
    expect_in(check("brokers: k:1\nkafka: {compression.type: best}\n").err, "compression.type");
    expect_in(check("brokers: k:1\nkafka: {ssl.ca.location: /no, security.protocol: ssl}\n").err,
              "ssl.ca.location");
    EXPECT_EQ(check("brokers: k:1\nkafka: {linger.mss: 5}\n").code, 78);
}

TEST_F(ConfigCommand, RefusesUnsafeKafkaPropertiesUnderEveryNameAndSaysWhy) {
    for (const char* property :
         {"acks: 1", "request.required.acks: 1", "enable.idempotence: false",
          "delivery.timeout.ms: 1000", "max.in.flight: 6", "transactional.id: x",
          "partitioner: random", "delivery.report.only.error: true", "bootstrap.servers: other:1",
          "metadata.broker.list: other:1"}) {
        const auto r = check(std::string("brokers: k:1\nkafka: {") + property + "}\n");
        EXPECT_EQ(r.code, 78) << property;
        expect_in(r.err, "because");
    }
}

TEST_F(ConfigCommand, TellsAServerThatIsAwayFromAWrongSetUpWhenOnline) {
    const std::string yaml = file("o.yaml", "brokers: k:1\ndatabase: host=/nonexistent\n");

    EXPECT_EQ(run_onceward({"config", "check", "--online", "--config", yaml}).code, 69);
}

TEST_F(ConfigCommand, ReadsStandardInput) {
    test::captured_process p(
        {"/bin/sh", "-c", "printf 'brokers: k:1\\nname: piped\\n' | \"$0\" config show --config -",
         ONCEWARD_PROGRAM});

    EXPECT_EQ(p.wait(), 0) << p.err();
    expect_in(p.out(), "name: \"piped\"");
}

TEST_F(ConfigCommand, FindsItsFileByTheEnvironment) {
    const auto r = run_onceward({"config", "show", "--origin"},
                                {"ONCEWARD_CONFIG=" + file("env.yaml", "name: by-variable\n")});

    expect_in(r.out, "by-variable");
    expect_in(r.out, "env.yaml:1:1");
}

TEST_F(ConfigCommand, RefusesAFileThatIsNotThere) {
    const auto flag = run_onceward({"config", "check", "--config", "/nonexistent/o.yaml"});
    EXPECT_EQ(flag.code, 64);
    expect_in(flag.err, "/nonexistent/o.yaml");

    EXPECT_EQ(run_onceward({"config", "check"}, {"ONCEWARD_CONFIG=/nonexistent/o.yaml"}).code, 78);
}

TEST_F(ConfigCommand, ShowsEachValueWithItsOrigin) {
    const auto all = shown("name: from-file\nlease-ttl: 3s\nkafka: {linger.ms: 5}\n",
                           {"ONCEWARD_LEASE_TTL=4s", "ONCEWARD_KAFKA_CLIENT_ID=me"});

    EXPECT_EQ(all["name"]["value"], "from-file");
    EXPECT_EQ(all["name"]["origin"], "file");
    EXPECT_TRUE(all["name"]["place"].get<std::string>().ends_with("o.yaml:1:1"));
    EXPECT_EQ(all["lease-ttl"]["value"], "4s");
    EXPECT_EQ(all["lease-ttl"]["place"], "ONCEWARD_LEASE_TTL");
    EXPECT_EQ(all["poll-max"]["origin"], "default");
    EXPECT_EQ(all["kafka.linger.ms"]["value"], "5");
    EXPECT_EQ(all["kafka.client.id"]["origin"], "environment");
}

TEST_F(ConfigCommand, ShowsNoSecret) {
    const std::string yaml = file("o.yaml",
                                  "database: postgresql://me:s3cret@db/shop\n"
                                  "kafka: {sasl.password: s3cret, ssl.key.password: s3cret}\n");
    for (const char* form : {"--origin", "--json"}) {
        const auto r = run_onceward({"config", "show", form, "--config", yaml},
                                    {"ONCEWARD_KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET=s3cret"});
        EXPECT_EQ(r.code, 0) << r.err;
        expect_in(r.out, "********");
        expect_not_in(r.out + r.err, "s3cret");
    }
}

TEST_F(ConfigCommand, PrintsAnExampleThatIsRight) {
    const auto example = run_onceward({"config", "example"});
    ASSERT_EQ(example.code, 0) << example.err;

    const auto r = check(example.out);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.err, "");
}

TEST_F(ConfigCommand, PrintsAnExampleWhoseEveryLineIsRightAndTheDefault) {
    const auto example = run_onceward({"config", "example"}).out;
    const std::string all = std::regex_replace(example, std::regex("#-"), "");

    auto with = shown(all);
    const auto without = shown("brokers: localhost:9092\ndatabase: postgresql://localhost/app\n");
    for (const auto& [name, line] : without.items()) {
        EXPECT_EQ(with[name]["value"], line["value"]) << name;
        EXPECT_EQ(with[name]["origin"], "file") << name;
    }
    EXPECT_EQ(check(all).code, 0);
}

TEST_F(ConfigCommand, WarnsOfAMisspeltVariableAndGoesOn) {
    const auto r = check("brokers: k:1\n", {"ONCEWARD_LEASE_TLL=3s"});

    EXPECT_EQ(r.code, 0);
    expect_in(r.err, "warning: the environment variable ONCEWARD_LEASE_TLL");
    expect_in(r.err, "did you mean ONCEWARD_LEASE_TTL?");
}

TEST_F(ConfigCommand, ReadsSecretsFromFilesAndComplainsWhereItCannot) {
    const std::string good = file("secret", "s3cret\n");
    const std::string open = file("open", "s3cret\n", 0644);
    const std::string empty = file("empty", "\n");
    const auto with = [&](const std::string& path) {
        return check("brokers: k:1\ndatabase-password-file: " + path +
                     "\nkafka: {sasl.password_file: " + path + "}\n");
    };

    EXPECT_EQ(with(good).code, 0) << with(good).err;
    EXPECT_EQ(with(good).err, "");
    EXPECT_EQ(with(open).code, 0);
    expect_in(with(open).err, "everybody on this machine may read the secret");
    EXPECT_EQ(with(empty).code, 78);
    expect_in(with(empty).err, "is empty");
    expect_in(with("/nonexistent").err, "database-password-file from");
    expect_not_in(with(open).err + with(empty).err, "s3cret");
}

TEST_F(ConfigCommand, WarnsOfASecretInAFileThatEverybodyMayRead) {
    const std::string yaml = file("o.yaml", "brokers: k:1\nkafka: {sasl.password: s3cret}\n", 0644);

    const auto r = run_onceward({"config", "check", "--config", yaml});

    EXPECT_EQ(r.code, 0);
    expect_in(r.err, "chmod o-r");
    expect_not_in(r.err, "s3cret");
}

/// A page of the documentation.
std::string page(const std::string& name) {
    std::ifstream in(std::string(ONCEWARD_DOCS_DIR) + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(ConfigCommand, DescribesEveryOptionAsTheDocumentationDoes) {
    const auto r = run_onceward({"config", "docs"});

    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(page("configuration.md").ends_with(r.out))
        << "docs/configuration.md ends otherwise; run scripts/docs";
}

TEST_F(ConfigCommand, NamesPathsVariablesCodesAndKeysAsTheDocumentationDoes) {
    const auto r = run_onceward({"config", "docs", "--interface"});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_TRUE(page("interface.md").ends_with(r.out))
        << "docs/interface.md ends otherwise; run scripts/docs";
}

}  // namespace
}  // namespace onceward
