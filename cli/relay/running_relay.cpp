#include "relay/running_relay.hpp"

#include <utility>

namespace onceward::cli {

namespace {

/// Calls it at the end of the scope.
struct at_end {
    std::function<void()> what;
    ~at_end() { what(); }
};

}  // namespace

running_relay::running_relay(std::unique_ptr<relay> what, std::function<void()> ended)
    : relay_(std::move(what)),
      drained_(std::async(std::launch::async, [this, ended = std::move(ended)] {
          const at_end tell{ended};
          return relay_->run(stop_.get_token());
      })) {}

running_relay::~running_relay() {
    stop_.request_stop();  // the future's own destructor waits
}

}  // namespace onceward::cli
