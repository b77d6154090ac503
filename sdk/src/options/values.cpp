#include "options/values.hpp"

#include <algorithm>

namespace onceward::options {

const values::value& values::at(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) throw std::out_of_range("no option " + std::string(name));
    return found->second;
}

bool values::same(std::string_view name, const values& other) const {
    const auto& a = at(name);
    const auto& b = other.at(name);
    const auto same_property = [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.value == y.second.value &&
               x.second.in_file == y.second.in_file;
    };
    return a.number == b.number && a.text == b.text && a.list == b.list &&
           std::ranges::equal(a.properties, b.properties, same_property);
}

void values::keep(std::string_view name, const values& other) {
    by_name_.insert_or_assign(std::string(name), other.at(name));
}

}  // namespace onceward::options
