#include "options/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace onceward::options {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);  // of the table whose rows are a's letters
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row.back();
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
    const std::string* best = nullptr;
    std::size_t least = std::max<std::size_t>(name.size() / 3, 1) + 1;
    for (const auto& k : known) {
        const std::size_t d = distance(name, k);
        if (d >= least) continue;
        least = d;
        best = &k;
    }
    return best == nullptr ? "" : *best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
    const std::string found = nearest(name, known);
    return found.empty() ? "" : " (did you mean " + found + "?)";
}

}  // namespace onceward::options
