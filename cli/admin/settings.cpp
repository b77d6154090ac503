#include "admin/settings.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "options/secret_file.hpp"

namespace onceward::cli {

namespace {

void read_token(const std::string& file, admin_settings& into) {
    auto secret = options::read_secret(file, options::process_environment());
    if (!secret) throw std::invalid_argument("admin-token-file: " + secret.error().message);
    into.token.emplace(std::move(secret->value));
    into.warning = std::move(secret->warning);
}

}  // namespace

options::table admin_rows() {
    return {restart_only(options::text(
                "admin-listen", "ADDRESS:PORT|off", "127.0.0.1:8717",
                "Where health checks, metrics and the admin API are served: a numeric "
                "address and a port, 0 for any that is free, which the log then names; off "
                "for nowhere. One that other machines reach needs --admin-token-file.")),
            restart_only(options::text(
                "admin-token-file", "FILE", "",
                "Holds the token, 32 bytes or more, that lets its bearer pause and resume "
                "through the admin port: an absolute path, or $CREDENTIALS_DIRECTORY/NAME for a "
                "systemd credential. Empty: nobody can."))};
}

admin_settings admin_settings_of(const options::values& values) {
    admin_settings s;
    if (const auto& file = values.text("admin-token-file"); !file.empty()) read_token(file, s);
    const std::string& listen = values.text("admin-listen");
    if (listen == "off") return s;
    s.listen = http::parse_listen_address(listen);
    if (!s.listen) {
        throw std::invalid_argument(fmt::format(
            "admin-listen: '{}' is no numeric address and port such as 127.0.0.1:8717 or "
            "[::1]:8717, nor off",
            listen));
    }
    if (!s.listen->is_loopback() && !s.token) {
        throw std::invalid_argument(fmt::format(
            "admin-listen: other machines reach {}; give --admin-token-file as well, or listen on "
            "127.0.0.1",
            listen));
    }
    return s;
}

}  // namespace onceward::cli
