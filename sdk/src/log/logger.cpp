#include "log/logger.hpp"

#include <atomic>
#include <chrono>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

namespace onceward::log {

namespace {

spdlog::level::level_enum spd(level l) {
    switch (l) {
        case level::debug:
            return spdlog::level::debug;
        case level::info:
            return spdlog::level::info;
        case level::warning:
            return spdlog::level::warn;
        case level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

}  // namespace

class logger::impl {
public:
    impl() : out_("onceward", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        out_.set_pattern("%v");
        out_.flush_on(spdlog::level::debug);
    }

    void configure(format f, level least) {
        json_ = f == format::json || (f == format::automatic && isatty(STDERR_FILENO) == 0);
        out_.set_level(spd(least));
    }

    void write(level severity, std::string_view message, std::vector<field> fields) {
        if (!out_.should_log(spd(severity))) return;
        const line l{.time = std::chrono::time_point_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now()),
                     .severity = severity,
                     .message = std::string(message),
                     .fields = std::move(fields)};
        const std::string text = json_ ? as_json(l) : as_text(l);
        out_.log(spd(severity), spdlog::string_view_t(text.data(), text.size()));
    }

private:
    std::atomic<bool> json_{false};
    spdlog::logger out_;
};

logger::logger(format f, level least) : impl_(std::make_unique<impl>()) {
    configure(f, least);
}
logger::~logger() = default;

void logger::configure(format f, level least) {
    impl_->configure(f, least);
}

void logger::write(level severity, std::string_view message, std::vector<field> fields) {
    impl_->write(severity, message, std::move(fields));
}

}  // namespace onceward::log
