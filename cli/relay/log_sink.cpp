#include "relay/log_sink.hpp"

namespace onceward::cli {

namespace {

log::level level_of(relay_log_line::level l) {
    switch (l) {
        case relay_log_line::level::debug:
            return log::level::debug;
        case relay_log_line::level::info:
            return log::level::info;
        case relay_log_line::level::warning:
            return log::level::warning;
        case relay_log_line::level::error:
            return log::level::error;
    }
    return log::level::error;
}

}  // namespace

relay::log_sink sink_to(log::logger& out, const std::string& outbox) {
    return [&out, outbox](const relay_log_line& line) {
        std::vector<log::field> fields;
        if (!outbox.empty()) fields.push_back({"outbox", outbox});
        for (const auto& [name, value] : line.fields) fields.push_back({name, value});
        out.write(level_of(line.severity), line.message, std::move(fields));
    };
}

}  // namespace onceward::cli
