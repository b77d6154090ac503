#include "options/secret_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "options/text_file.hpp"

namespace onceward::options {

namespace {

constexpr std::size_t secret_bytes_max = 64 << 10;
constexpr std::string_view credentials = "$CREDENTIALS_DIRECTORY/";

failure refused(const std::string& what) {
    return {.next = verdict::rejected, .message = what, .origin = "secret_file"};
}

}  // namespace

result<std::string> secret_path(const std::string& written, const variables& env) {
    if (written.starts_with('/')) return written;
    if (!written.starts_with(credentials)) {
        return refused(
            fmt::format("'{}' must be an absolute path or begin with {}", written, credentials));
    }
    const std::string directory = value_of(env, "CREDENTIALS_DIRECTORY");
    if (directory.empty()) {
        return refused(fmt::format(
            "'{}': CREDENTIALS_DIRECTORY is not set; systemd sets it for LoadCredential=",
            written));
    }
    return directory + '/' + written.substr(credentials.size());
}

result<secret_text> read_secret(const std::string& written, const variables& env) {
    const auto path = secret_path(written, env);
    if (!path) return path.error();
    auto file = read_text_file(*path, secret_bytes_max);
    if (!file) return file.error();
    std::string& value = file->text;
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    if (value.empty()) return refused(fmt::format("the secret in {} is empty", *path));
    const bool open = (file->mode & S_IROTH) != 0;
    return secret_text{.value = std::move(value),
                       .warning = open ? fmt::format("everybody on this machine may read the "
                                                     "secret in {}; chmod o-r it",
                                                     *path)
                                       : ""};
}

}  // namespace onceward::options
