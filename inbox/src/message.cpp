#include <algorithm>

#include "onceward/handler.hpp"

namespace onceward {

const std::string* message::header_value(std::string_view name) const {
    const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                    [&](const header& h) { return h.name == name; });
    return found == headers.rend() ? nullptr : &found->value;
}

}  // namespace onceward
