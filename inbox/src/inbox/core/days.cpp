#include "inbox/core/days.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::inbox_core {

int days_left(message_id::time_point now, const kept_days& kept) {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    return static_cast<int>((kept.last_day - today).count());
}

std::string why_not_judge(message_id::time_point now, const kept_days& kept,
                          std::chrono::milliseconds known_for) {
    if (known_for > days_known_for) {
        return "the inbox's day partitions could not be looked after for a day; the log says why";
    }
    if (const int left = days_left(now, kept); left < 1) {
        return fmt::format(
            "the inbox's last day partition is of {} day(s) after today, tomorrow's is needed; run "
            "`onceward inbox maintain` as the owner of the schema",
            left);
    }
    return {};
}

id_window window_at(message_id::time_point now, std::chrono::days window, const kept_days& kept) {
    return {std::max(now - window, message_id::time_point{kept.ids_since}), kept.last_day};
}

}  // namespace onceward::inbox_core
