#include "kafka/first_seen.hpp"

#include <set>

#include "support/eventually.hpp"

namespace onceward::test {

namespace {

std::vector<std::string> without_repeats(const std::vector<wire_message>& messages) {
    std::vector<std::string> first;
    std::set<std::string> known;
    for (const auto& m : messages) {
        if (known.insert(m.payload.value_or("")).second) first.push_back(m.payload.value_or(""));
    }
    return first;
}

}  // namespace

std::vector<std::string> first_seen(topic_reader& reader, std::size_t count) {
    static_cast<void>(eventually(
        [&] {
            const std::size_t read = reader.read(0).size();
            if (without_repeats(reader.read(0)).size() >= count) return true;
            reader.read(read + 1, std::chrono::milliseconds{500});
            return false;
        },
        std::chrono::seconds{60}));
    return without_repeats(reader.read(0));
}

}  // namespace onceward::test
