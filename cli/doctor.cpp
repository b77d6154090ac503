#include "doctor.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "doctor/database.hpp"
#include "exit_code.hpp"
#include "topics/brokers.hpp"
#include "topics/examine.hpp"

namespace onceward::cli {

namespace {

constexpr int query_timeout_s = 30;

void append(std::vector<section>& all, std::vector<section> more) {
    for (auto& s : more) all.push_back(std::move(s));
}

}  // namespace

doctor_command::doctor_command()
    : command("doctor", "Looks for what is set up wrong, and says what mends it. Changes nothing.",
              joined(connection_rows(), broker_rows())) {}

void doctor_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    app.footer(
        "Looks at the database, and with --brokers at Kafka and the topics that the outbox uses. "
        "Exit\n"
        "code 1 at a problem; a warning is none. The role onceward_monitor is enough; with\n"
        "pg_read_all_stats it sees other users' transactions, too.");
}

int doctor_command::run(const options::values& values) {
    const std::string schema = schema_of(values);
    auto c = connect(values, query_timeout_s);
    auto found = examine_database(c, schema);
    if (!values.text("brokers").empty()) {
        auto admin = open_admin(values);
        append(found, examine_topics(c, admin, schema, values.text("brokers"), {}));
    }
    fmt::print("{}", json_ ? report_json(found) : report_text(found));
    return worst(found) == severity::problem ? exit_problems : exit_ok;
}

}  // namespace onceward::cli
