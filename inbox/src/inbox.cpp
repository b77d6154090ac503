#include "onceward/inbox.hpp"

#include <stdexcept>

#include "inbox/io/engine.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/options_check.hpp"

namespace onceward {

class inbox::impl {
public:
    explicit impl(inbox_options o) : env(std::make_shared<inbox_io::environment>(std::move(o))) {}

    std::shared_ptr<inbox_io::environment> env;
};

inbox::inbox(inbox_options options) {
    inbox_io::check_options(options);
    impl_ = std::make_unique<impl>(std::move(options));
}

inbox::~inbox() = default;

void inbox::on(std::string topic, std::string type, handler h) {
    impl_->env->handle.add(std::move(topic), std::move(type), std::move(h));
}

void inbox::on_other(std::string topic, handler h) {
    impl_->env->handle.add_other(std::move(topic), std::move(h));
}

void inbox::log_to(std::function<void(const inbox_log_line&)> sink) {
    impl_->env->log.to(std::move(sink));
}

void inbox::run(std::stop_token stop) {
    if (impl_->env->handle.topics().empty()) {
        throw std::runtime_error("The inbox has no handler: call on() before run()");
    }
    inbox_io::engine(impl_->env).run(stop);
}

inbox_counts inbox::counts() const {
    return impl_->env->count.read();
}

}  // namespace onceward
