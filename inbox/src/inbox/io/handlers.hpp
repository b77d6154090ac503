#pragma once

/// @file
/// Which handler takes a message.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/handler.hpp"

namespace onceward::inbox_io {

/// The handlers by topic and type. Filled before the run, read by all workers during it.
class handlers {
public:
    void add(std::string topic, std::string type, handler h);
    void add_other(std::string topic, handler h);

    /// @return Null when nobody is interested.
    [[nodiscard]] const handler* find(std::string_view topic, std::string_view type) const;
    [[nodiscard]] std::vector<std::string> topics() const;

private:
    struct of_topic {
        std::map<std::string, handler, std::less<>> by_type;
        handler other;
    };
    std::map<std::string, of_topic, std::less<>> topics_;
};

}  // namespace onceward::inbox_io
