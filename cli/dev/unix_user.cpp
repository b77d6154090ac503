#include "dev/unix_user.hpp"

#include <stdexcept>

#include <pwd.h>
#include <unistd.h>

namespace onceward::dev {

std::optional<unix_user> unprivileged_user() {
    if (geteuid() != 0) return std::nullopt;
    for (const char* name : {"postgres", "nobody"}) {
        const passwd* entry = getpwnam(name);
        if (entry != nullptr && entry->pw_uid != 0) {
            return unix_user{name, entry->pw_uid, entry->pw_gid};
        }
    }
    throw std::runtime_error(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run "
        "it "
        "as; run this command as an ordinary user");
}

}  // namespace onceward::dev
