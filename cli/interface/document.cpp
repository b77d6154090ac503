#include "interface/document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "admin/routes.hpp"
#include "doctor/checks.hpp"
#include "interface/json_keys.hpp"
#include "interface/variables.hpp"
#include "status/problem_kind.hpp"

namespace onceward::cli {

namespace {

std::string paths() {
    std::string out =
        "## Paths of the admin port\n\n"
        "| method | path | token | answers | what |\n| --- | --- | --- | --- | --- |\n";
    for (const auto& r : admin_routes) {
        out += fmt::format("| {} | `{}` | {} | {} | {} |\n", r.method, r.path,
                           r.needs_token ? "yes" : "no", r.answers, r.effect);
    }
    return out +
           "\n`HEAD` is answered wherever `GET` is. Any other path is answered with 404, another "
           "method with 405.\nWhat is refused on `/api/` says why as JSON: `error` and `remedy`.\n";
}

std::string variables() {
    std::string out =
        "\n## Environment variables\n\n"
        "Beside the one that each option has, and libpq's `PG*`:\n\n"
        "| variable | what it does |\n| --- | --- |\n";
    for (const auto& v : environment_variables)
        out += fmt::format("| `{}` | {} |\n", v.name, v.effect);
    return out;
}

std::string problems() {
    std::string out =
        "\n## Codes of problems\n\n"
        "The `code` of a problem in `onceward status --json` and at `/api/v1/status`. The "
        "sentences "
        "beside it are for\npeople and may change.\n\n| code | meaning |\n| --- | --- |\n";
    for (const auto& p : problem_codes) out += fmt::format("| `{}` | {} |\n", p.code, p.meaning);
    return out;
}

std::string checks() {
    std::string out =
        "\n## Checks\n\nThe `check` in `onceward doctor --json`; `onceward topics check --json` "
        "has "
        "the last three.\n\n| check | what it looks at |\n| --- | --- |\n";
    for (const auto& c : doctor_checks) out += fmt::format("| `{}` | {} |\n", c.name, c.about);
    return out + "\nThe `level` is `ok`, `warning` or `problem`.\n";
}

std::string keys() {
    std::string out =
        "\n## Keys of JSON\n\n`[]` stands for each element of a list, capitals for a name that "
        "only the run knows.\n\n| output | keys |\n| --- | --- |\n";
    for (const auto& o : json_outputs())
        out += fmt::format("| `{}` | `{}` |\n", o.from, fmt::join(o.keys, "`, `"));
    return out;
}

}  // namespace

std::string interface_document() {
    return paths() + variables() + problems() + checks() + keys();
}

}  // namespace onceward::cli
