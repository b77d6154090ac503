#include "operation.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "core/sha256.hpp"
#include "onceward/once.hpp"
#include "sql_literal.hpp"

namespace onceward {

namespace {

constexpr std::chrono::milliseconds wait_max = std::chrono::hours{1};

std::string from_hex(const std::string& hex) {
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes(hex.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(value(hex[2 * i]) << 4 | value(hex[2 * i + 1]));
    return bytes;
}

operation_state state_of(const std::string& name) {
    if (name == "new") return operation_state::fresh;
    if (name == "stored") return operation_state::stored;
    if (name == "mismatch") return operation_state::mismatch;
    return operation_state::in_flight;
}

void check_name(const std::string& name, const char* what) {
    if (!name.empty() && name.size() <= operation_name_bytes_max) return;
    throw std::length_error(fmt::format("{} of an operation has {} bytes; it must have 1 to {}",
                                        what, name.size(), operation_name_bytes_max));
}

/// Scope, id and fingerprint, as arguments.
std::string arguments(const pqxx::transaction_base& tx, const operation& o) {
    return fmt::format("{}, {}, {}", tx.quote(o.scope), tx.quote(o.id),
                       bytes_literal(o.fingerprint));
}

}  // namespace

std::string fingerprint_of(const std::string& bytes) {
    const auto digest = sha256{}.add(bytes).finish();
    return {digest.begin(), digest.end()};
}

void check_operation(const operation& o) {
    check_name(o.scope, "the scope");
    check_name(o.id, "the id");
}

begun_operation begin_operation(pqxx::transaction_base& tx, const operation& o,
                                std::chrono::milliseconds wait) {
    const auto bounded = std::clamp(wait, std::chrono::milliseconds{0}, wait_max);
    const auto rows =
        tx.exec(fmt::format("SELECT state, coalesce(encode(result, 'hex'), ''), coalesce(xact, '') "
                            "FROM {}.operation_begin({}, {})",
                            o.schema, arguments(tx, o), bounded.count()));
    return {.state = state_of(rows[0][0].as<std::string>()),
            .result = from_hex(rows[0][1].as<std::string>()),
            .xact = rows[0][2].as<std::string>()};
}

void end_operation(pqxx::transaction_base& tx, const operation& o, const std::string& xact,
                   const std::string& result) {
    if (result.size() > operation_result_bytes_max) {
        throw std::length_error(
            fmt::format("the result of an operation has {} bytes; at most {} are stored",
                        result.size(), operation_result_bytes_max));
    }
    tx.exec(fmt::format("SELECT {}.operation_end({}, {}, {})", o.schema, arguments(tx, o),
                        bytes_literal(result), tx.quote(xact)));
}

}  // namespace onceward
