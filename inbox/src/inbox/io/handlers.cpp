#include "inbox/io/handlers.hpp"

namespace onceward::inbox_io {

void handlers::add(std::string topic, std::string type, handler h) {
    topics_[std::move(topic)].by_type[std::move(type)] = std::move(h);
}

void handlers::add_other(std::string topic, handler h) {
    topics_[std::move(topic)].other = std::move(h);
}

const handler* handlers::find(std::string_view topic, std::string_view type) const {
    const auto t = topics_.find(topic);
    if (t == topics_.end()) return nullptr;
    const auto h = t->second.by_type.find(type);
    if (h != t->second.by_type.end()) return &h->second;
    return t->second.other ? &t->second.other : nullptr;
}

std::vector<std::string> handlers::topics() const {
    std::vector<std::string> names;
    for (const auto& [name, unused] : topics_) names.push_back(name);
    return names;
}

}  // namespace onceward::inbox_io
