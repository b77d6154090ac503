#include "support/captured_process.hpp"

#include <unistd.h>

namespace onceward::test {

namespace {

std::string name_of(const std::string& variable) {
    return variable.substr(0, variable.find('='));
}

std::vector<std::string> with(const std::vector<std::string>& changes) {
    std::vector<std::string> all{"ONCEWARD_ADMIN_LISTEN=off"};  // many relays run on one machine
    for (char** v = environ; *v != nullptr; ++v) {
        if (name_of(*v) != name_of(all.front())) all.emplace_back(*v);
    }
    for (const auto& change : changes) {
        std::erase_if(all, [&](const auto& v) { return name_of(v) == name_of(change); });
        if (change.find('=') != std::string::npos) all.push_back(change);
    }
    return all;
}

}  // namespace

captured_process::captured_process(const std::vector<std::string>& argv,
                                   const std::vector<std::string>& environment)
    : child_(dev::child_options{.argv = argv,
                                .environment = with(environment),
                                .output = files_.path() / "out",
                                .errors = files_.path() / "err"}) {}

}  // namespace onceward::test
