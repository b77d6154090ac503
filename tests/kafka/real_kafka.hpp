#pragma once

/// @file
/// Real Kafka brokers for tests: the one that all tests share, and one of a test's own to kill.

#include <map>
#include <string>

#include "support/temp_directory.hpp"

namespace onceward::test {

/// host:port of the shared broker, from ONCEWARD_TEST_KAFKA.
/// @throws std::runtime_error  It is not set: start the tests by scripts/test --tier kafka.
std::string shared_kafka();

/// Makes a topic of a fresh name.
/// @param config  Such as {"max.message.bytes", "5000"}.
/// @return Its name.
std::string fresh_topic(const std::string& brokers, int partitions,
                        const std::map<std::string, std::string>& config = {});

/// A name that no topic has.
std::string fresh_topic_name();

void create_topic(const std::string& brokers, const std::string& name, int partitions,
                  const std::map<std::string, std::string>& config = {});

/// Sets one value of an existing topic; what it had set before goes back to the broker's default.
void configure_topic(const std::string& brokers, const std::string& name, const std::string& key,
                     const std::string& value);

/// A broker in a directory of its own, stopped at the end.
class own_broker {
public:
    own_broker();
    ~own_broker();
    own_broker(const own_broker&) = delete;
    own_broker& operator=(const own_broker&) = delete;

    [[nodiscard]] const std::string& address() const { return address_; }
    void kill9();
    void start();  ///< After kill9: on the same data and port.

private:
    [[nodiscard]] std::string run(const std::string& command) const;

    temp_directory directory_;
    std::string address_;
};

}  // namespace onceward::test
