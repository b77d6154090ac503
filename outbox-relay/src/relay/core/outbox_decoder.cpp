#include "relay/core/outbox_decoder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "relay/core/pg_values.hpp"

namespace onceward::relay_core {

/// A column of the outbox, by the name and the type that its migration gives it.
struct outbox_decoder::wanted {
    std::string_view name;
    std::uint32_t type;
    std::size_t size;  ///< Of its binary form; 0: any.
    bool may_be_null;
};

namespace {

constexpr std::uint32_t bytea = 17, int8 = 20, text = 25, timestamptz = 1184, uuid = 2950,
                        jsonb = 3802, xid8 = 5069;

failure broken(std::string what) {
    return {.next = verdict::fatal,
            .message = "the replication stream " + std::move(what),
            .origin = "pgoutput"};
}

}  // namespace

const std::array<outbox_decoder::wanted, outbox_decoder::column_count>
    outbox_decoder::wanted_columns{{{"seq", int8, 8, false},
                                    {"created_at", timestamptz, 8, false},
                                    {"id", uuid, 16, false},
                                    {"topic", text, 0, false},
                                    {"type", text, 0, false},
                                    {"key", bytea, 0, true},
                                    {"payload", bytea, 0, true},
                                    {"content_type", text, 0, true},
                                    {"headers", jsonb, 0, true},
                                    {"xid", xid8, 8, false}}};

result<decoded> outbox_decoder::take(std::string_view message, arena& memory) {
    auto m = parser_.parse(message);
    if (!m) return m.error();
    return std::visit([&](const auto& one) { return on(one, memory); }, *m);
}

result<decoded> outbox_decoder::on(const pgoutput::begin& m, arena&) {
    if (begun_) return broken("begins a transaction within another one");
    begun_ = m.final_lsn;
    return decoded(decoded_begin{});
}

result<decoded> outbox_decoder::on(const pgoutput::commit& m, arena&) {
    if (begun_ != m.commit_lsn) return broken("commits a transaction that it had not begun");
    if (m.end_lsn <= m.commit_lsn) return broken("ends a transaction before its commit");
    begun_.reset();
    return decoded(decoded_commit{m.end_lsn});
}

result<decoded> outbox_decoder::on(const pgoutput::relation& m, arena&) {
    // A leaf is described beside the outbox; its rows come under the outbox's own id.
    tables_[m.id].reset();
    if (m.schema != schema_ || m.name != "outbox") return decoded(decoded_nothing{});
    auto found = layout_of(m);
    if (!found) return found.error();
    tables_[m.id] = *found;
    return decoded(decoded_nothing{});
}

/// Columns are found by name: others may have been added before, between and behind them.
result<outbox_decoder::layout> outbox_decoder::layout_of(const pgoutput::relation& m) const {
    layout l{.columns = m.columns.size()};
    for (std::size_t i = 0; i < column_count; ++i) {
        const auto& w = wanted_columns[i];
        const auto found = std::ranges::find(m.columns, w.name, &pgoutput::column::name);
        if (found == m.columns.end() || found->type != w.type) {
            return broken(fmt::format(
                "has no column {} of the type it should have in {}.outbox; see onceward migrate "
                "status, and whether the publication lists columns",
                w.name, schema_));
        }
        l.at[i] = static_cast<std::size_t>(found - m.columns.begin());
    }
    return l;
}

result<decoded> outbox_decoder::on(const pgoutput::insert& m, arena& memory) {
    if (!begun_) return broken("has a row outside of a transaction");
    const auto table = tables_.find(m.relation);
    if (table == tables_.end()) return broken("has a row of a table that it had not described");
    if (!table->second) {
        return broken(
            fmt::format("has rows of another table than {}.outbox: the publication was "
                        "altered, or publish_via_partition_root is off",
                        schema_));
    }
    const layout& l = *table->second;
    if (m.fields.size() != l.columns) return broken("has a row with too many or too few columns");
    for (std::size_t i = 0; i < column_count; ++i) {
        const auto& w = wanted_columns[i];
        const auto& f = m.fields[l.at[i]];
        const bool null = f.is == pgoutput::field::form::null;
        const bool good = null ? w.may_be_null
                               : f.is == pgoutput::field::form::binary &&
                                     (w.size == 0 || w.size == f.bytes.size());
        // A jsonb in binary begins with its version.
        const bool json = w.type == jsonb && !null;
        if (!good || (json && !f.bytes.starts_with('\1')))
            return broken(fmt::format("has a malformed value of {}", w.name));
    }
    const auto bytes = [&](which c) { return m.fields[l.at[c]].bytes; };
    const auto kept = [&](which c) -> std::optional<std::string_view> {
        if (m.fields[l.at[c]].is == pgoutput::field::form::null) return std::nullopt;
        return memory.keep(bytes(c).substr(c == headers ? 1 : 0));
    };
    decoded_row row{.event = {.seq = static_cast<std::int64_t>(number_of(bytes(seq))),
                              .created_ms = unix_ms(bytes(created_at)),
                              .topic = memory.keep(bytes(topic)),
                              .type = memory.keep(bytes(type)),
                              .key = kept(key),
                              .payload = kept(payload),
                              .content_type = kept(content_type),
                              .headers = kept(headers)},
                    .xid = number_of(bytes(xid))};
    std::ranges::copy(bytes(id), row.event.id.begin());
    return decoded(row);
}

/// Messages outside of transactions are others': they stand also where a transaction was undone.
result<decoded> outbox_decoder::on(const pgoutput::message& m, arena&) {
    if (!m.transactional) return decoded(decoded_nothing{});
    if (!begun_) return broken("has a transaction's message outside of one");
    if (m.prefix != prefix_) return decoded(decoded_nothing{});
    return decoded(decoded_mark{m.content});
}

result<decoded> outbox_decoder::on(const pgoutput::note&, arena&) {
    return decoded(decoded_nothing{});
}

}  // namespace onceward::relay_core
