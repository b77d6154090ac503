#include "inbox/core/retry.hpp"

#include <algorithm>

namespace onceward::inbox_core {

retry::ms retry::failed(double dice) {
    ms step = least_;
    for (int i = 0; i < failures_ && step < most_; ++i) step *= 2;
    step = std::min(step, most_);
    ++failures_;
    const auto half = static_cast<double>(step.count()) / 2;
    return ms{static_cast<ms::rep>(half + dice * half)};
}

}  // namespace onceward::inbox_core
