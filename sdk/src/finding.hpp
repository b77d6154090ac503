#pragma once

/// @file
/// What a look at a database or a broker finds: preflight of relay and inbox, doctor, topics.

#include <cstdint>
#include <string>

namespace onceward {

enum class severity : std::uint8_t {
    ok,
    warning,  ///< Works, but not as well or as safely as it could.
    problem,  ///< Does not work, or breaks a promise.
};

struct finding {
    severity level = severity::ok;
    std::string what{};
    std::string remedy{};  ///< The exact statement or command that mends it; empty when ok.
};

/// "what: remedy", for a log.
inline std::string sentence(const finding& f) {
    return f.remedy.empty() ? f.what : f.what + ": " + f.remedy;
}

}  // namespace onceward
