#pragma once

/// @file
/// All that the catalog says of a schema, as text: two databases that print the same are the same.

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/test_database.hpp"

namespace onceward::test {

/// Tables with their columns, defaults, constraints, indexes, storage and partition bounds,
/// sequences, functions with their bodies, and every grant. The owner's name and the schema's own
/// are left out, so that other owners and schemas compare; so are the days of partitions.
inline std::string catalog_of(pg::connection& c, const std::string& schema) {
    static constexpr const char* sql = R"(
WITH n AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = '@schema'),
line(l) AS (
  SELECT 'schema ' || coalesce(a.grantee::regrole::text, '') || ' ' || a.privilege_type
    FROM n, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a WHERE a.grantee <> nspowner
  UNION ALL
  SELECT format('relation %s %s %s %s %s', relname, relkind, relpersistence, reloptions,
                pg_get_expr(relpartbound, c.oid))
    FROM pg_class c, n WHERE relnamespace = n.oid
  UNION ALL
  SELECT format('column %s.%s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod),
                attnotnull, attgenerated, pg_get_expr(adbin, adrelid))
    FROM n JOIN pg_class c ON relnamespace = n.oid JOIN pg_attribute a ON attrelid = c.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT format('constraint %s %s', conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k, n WHERE connamespace = n.oid
  UNION ALL
  SELECT 'index ' || pg_get_indexdef(indexrelid) || ' ' || indisvalid
    FROM n JOIN pg_class c ON relnamespace = n.oid JOIN pg_index ON indexrelid = c.oid
  UNION ALL
  SELECT format('sequence %s %s %s %s', relname, seqtypid::regtype, seqcache, seqcycle)
    FROM n JOIN pg_class c ON relnamespace = n.oid JOIN pg_sequence ON seqrelid = c.oid
  UNION ALL
  SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p, n WHERE pronamespace = n.oid
  UNION ALL
  SELECT format('grant %s %s %s', relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                a.privilege_type)
    FROM n JOIN pg_class c ON relnamespace = n.oid,
    aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a
    WHERE a.grantee <> relowner
  UNION ALL
  SELECT format('grant %s.%s %s %s', relname, attname, a.grantee::regrole, a.privilege_type)
    FROM n JOIN pg_class c ON relnamespace = n.oid JOIN pg_attribute t ON attrelid = c.oid, aclexplode(attacl) a
  UNION ALL
  SELECT format('grant %s %s %s', proname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                a.privilege_type)
    FROM n JOIN pg_proc p ON pronamespace = n.oid, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
    WHERE a.grantee <> proowner
)
SELECT regexp_replace(string_agg(l, E'\n' ORDER BY l COLLATE "C"), '20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2}', 'DAY', 'g')
FROM (SELECT regexp_replace(l, '\m@schema\M(?!-)', 'SCHEMA', 'g') AS l FROM line) same)";
    std::string text = sql;
    for (std::size_t at = 0; (at = text.find("@schema")) != std::string::npos;)
        text.replace(at, 7, schema);
    return value_of(c, text);
}

/// The lines that only one of two catalogs has, with `-` and `+`; empty when they are the same.
inline std::string difference(const std::string& one, const std::string& other) {
    const auto sorted_lines = [](const std::string& text) {
        std::vector<std::string> lines;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        std::ranges::sort(lines);
        return lines;
    };
    const auto a = sorted_lines(one), b = sorted_lines(other);
    std::string out;
    std::vector<std::string> only;
    std::ranges::set_difference(a, b, std::back_inserter(only));
    for (const auto& line : only) out += "- " + line + '\n';
    only.clear();
    std::ranges::set_difference(b, a, std::back_inserter(only));
    for (const auto& line : only) out += "+ " + line + '\n';
    return out;
}

}  // namespace onceward::test
