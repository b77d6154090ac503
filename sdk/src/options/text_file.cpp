#include "options/text_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onceward::options {

namespace {

class descriptor {
public:
    explicit descriptor(const std::string& path)
        : owned_(path != "-"),
          fd_(owned_ ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO) {}
    ~descriptor() {
        if (owned_ && fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    bool owned_;
    int fd_;
};

failure refused(const std::string& path, const std::string& why) {
    return {
        .next = verdict::rejected,
        .message = fmt::format("cannot read {}: {}", path == "-" ? "standard input" : path, why),
        .origin = "file"};
}

std::string reason(int error) {
    return std::generic_category().message(error);
}

}  // namespace

result<text_file> read_text_file(const std::string& path, std::size_t bytes_max) {
    struct stat about {};
    const descriptor fd(path);
    if (fd.get() < 0 || ::fstat(fd.get(), &about) != 0) return refused(path, reason(errno));
    // A read of anything else may wait for ever.
    const bool bounded = S_ISREG(about.st_mode) || S_ISCHR(about.st_mode) || path == "-";
    if (!bounded) return refused(path, "it is no regular file");
    text_file file{.text = {}, .mode = about.st_mode};
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refused(path, reason(errno));
        if (n == 0) return file;
        file.text.append(buffer.data(), static_cast<std::size_t>(n));
        if (file.text.size() > bytes_max)
            return refused(path, fmt::format("it is larger than {} bytes", bytes_max));
    }
}

}  // namespace onceward::options
