#pragma once

/// @file
/// `onceward relay pause` and `onceward relay resume`.

#include <string>

#include "options/option_set.hpp"

namespace CLI {
class App;
}

namespace onceward::cli {

class pause_commands {
public:
    /// Adds both to `onceward relay`. This must outlive the parsing.
    void declare(CLI::App& relay);

    [[nodiscard]] bool chosen() const;

    /// @return The exit code.
    int run(const options::values& values) const;

private:
    int pause(const options::values& values) const;
    int resume(const options::values& values) const;

    CLI::App* pause_ = nullptr;
    CLI::App* resume_ = nullptr;
    std::string reason_;
    bool json_ = false;
};

}  // namespace onceward::cli
