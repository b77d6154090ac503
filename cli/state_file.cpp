#include "state_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace onceward::cli {

namespace fs = std::filesystem;

state_file::state_file(fs::path path, const std::string& content) : path_(std::move(path)) {
    const fs::path draft = path_.string() + ".new";
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "create " + draft.string());
    const ssize_t written = ::write(fd, content.data(), content.size());
    const int error = errno;
    ::close(fd);
    if (written != static_cast<ssize_t>(content.size())) {
        fs::remove(draft);
        throw std::system_error(error, std::generic_category(), "write " + draft.string());
    }
    fs::rename(draft, path_);
}

state_file::~state_file() {
    std::error_code ignored;
    fs::remove(path_, ignored);
}

}  // namespace onceward::cli
