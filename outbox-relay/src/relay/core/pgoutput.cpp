#include "relay/core/pgoutput.hpp"

#include <string>

#include <fmt/format.h>

namespace onceward::relay_core::pgoutput {

namespace {

failure malformed(std::string_view what, const wire_reader& in) {
    return {.next = verdict::fatal,
            .message = fmt::format("the server sent a malformed {} (byte {}); nothing of it is "
                                   "published; capture by poll instead, and report this",
                                   what, in.at()),
            .origin = "pgoutput"};
}

failure unexpected(char type) {
    return {.next = verdict::fatal,
            .message = fmt::format("the publication sends more than inserts (message '{}'): it was "
                                   "altered; ALTER PUBLICATION ... SET (publish = 'insert')",
                                   type >= ' ' && type <= '~' ? type : '?'),
            .origin = "pgoutput"};
}

result<any> whole(any m, std::string_view what, const wire_reader& in) {
    if (!in.complete()) return malformed(what, in);
    return m;
}

result<any> parse_begin(wire_reader& in) {
    const begin b{.final_lsn = in.number<std::uint64_t>()};
    in.bytes(8 + 4);  // clock and transaction id: rows carry the whole id themselves
    return whole(b, "Begin", in);
}

result<any> parse_commit(wire_reader& in) {
    if (in.number<std::uint8_t>() != 0) return malformed("Commit", in);
    commit c;
    c.commit_lsn = in.number<std::uint64_t>();
    c.end_lsn = in.number<std::uint64_t>();
    in.bytes(8);  // clock
    return whole(c, "Commit", in);
}

result<any> parse_message(wire_reader& in) {
    message m;
    const auto flags = in.number<std::uint8_t>();
    if (flags > 1) return malformed("Message", in);
    m.transactional = flags == 1;
    in.bytes(8);  // its own place
    m.prefix = in.c_string();
    m.content = in.bytes(in.number<std::uint32_t>());
    return whole(m, "Message", in);
}

result<any> parse_origin(wire_reader& in) {
    in.bytes(8);
    in.c_string();
    return whole(note{}, "Origin", in);
}

result<any> parse_type(wire_reader& in) {
    in.bytes(4);
    in.c_string();
    in.c_string();
    return whole(note{}, "Type", in);
}

/// An insert holds whole values: 'u', an unchanged one, stands in updates only.
bool read_field(wire_reader& in, field& f) {
    f.is = field::form{in.character()};
    switch (f.is) {
        case field::form::null:
            return true;
        case field::form::text:
        case field::form::binary:
            f.bytes = in.bytes(in.number<std::uint32_t>());
            return !in.failed();
    }
    return false;
}

}  // namespace

result<any> parser::parse_relation(wire_reader& in) {
    relation r;
    r.id = in.number<std::uint32_t>();
    r.schema = in.c_string();
    r.name = in.c_string();
    in.bytes(1);  // replica identity
    const auto columns = in.number<std::uint16_t>();
    columns_.clear();
    for (int i = 0; i < columns && !in.failed(); ++i) {
        in.bytes(1);  // whether it is part of the key
        column c;
        c.name = in.c_string();
        c.type = in.number<std::uint32_t>();
        in.bytes(4);  // type modifier
        columns_.push_back(c);
    }
    r.columns = columns_;
    return whole(r, "Relation", in);
}

result<any> parser::parse_insert(wire_reader& in) {
    const auto id = in.number<std::uint32_t>();
    if (in.character() != 'N') return malformed("Insert", in);
    const auto columns = in.number<std::uint16_t>();
    fields_.clear();
    for (int i = 0; i < columns; ++i) {
        field f;
        if (!read_field(in, f)) return malformed("Insert", in);
        fields_.push_back(f);
    }
    return whole(insert{.relation = id, .fields = fields_}, "Insert", in);
}

result<any> parser::parse(std::string_view bytes) {
    wire_reader in(bytes);
    const char type = in.character();
    if (in.failed()) return malformed("message", in);
    switch (type) {
        case 'I':
            return parse_insert(in);
        case 'B':
            return parse_begin(in);
        case 'C':
            return parse_commit(in);
        case 'R':
            return parse_relation(in);
        case 'M':
            return parse_message(in);
        case 'O':
            return parse_origin(in);
        case 'Y':
            return parse_type(in);
        default:
            return unexpected(type);
    }
}

}  // namespace onceward::relay_core::pgoutput
