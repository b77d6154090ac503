#include "idempotency/exchange.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include <pqxx/pqxx>

#include "core/idempotency_key.hpp"
#include "faults/faults.hpp"
#include "idempotency/problem.hpp"
#include "pg/pqxx_compat.hpp"

namespace onceward::idempotency {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto key_header = "Idempotency-Key";
constexpr auto pause_min = 5ms;
constexpr auto pause_max = 160ms;
constexpr auto doubt_wait_min = 5s;  // for the end of the transaction whose COMMIT is in doubt
constexpr int doubts_max = 2;

int status_of(const httplib::Response& r) {
    return r.status == -1 ? 200 : r.status;  // what httplib makes of it
}

stored_response kept(const httplib::Response& r, const std::vector<std::string>& names) {
    stored_response out{.status = status_of(r), .headers = {}, .body = r.body};
    for (const auto& name : names) {
        const auto [from, to] = r.headers.equal_range(name);
        for (auto h = from; h != to; ++h) out.headers.emplace_back(h->first, h->second);
    }
    return out;
}

/// The planted bug of an answer that is stored in a transaction of its own.
void plant_answer_apart(open_transaction& t, const operation& o, const std::string& response) {
    t.commit();
    t.tx().exec("BEGIN");
    end_operation(t.tx(), o, begin_operation(t.tx(), o, 0ms).xact, response);
    t.tx().exec("COMMIT");
}

}  // namespace

void exchange::run() {
    const auto keys = request_.get_header_value_count(key_header);
    if (keys == 0 && !setting_.options.required) return run_without_key();
    const auto key =
        keys == 1 ? parse_idempotency_key(request_.get_header_value(key_header)) : std::nullopt;
    if (keys == 0) {
        set_problem(response_, 400, "Idempotency-Key is missing",
                    "Send an Idempotency-Key header, with a value that is new for each operation "
                    "and the same in each retry.");
    } else if (!key) {
        set_problem(response_, 400, "Idempotency-Key is malformed",
                    "Send one Idempotency-Key header, a string of 1 to 255 printable ASCII "
                    "characters in double quotes.");
    } else if (request_.is_multipart_form_data()) {
        set_problem(response_, 415, "A multipart form cannot be sent with an Idempotency-Key",
                    "Send the body in another content type.");
    } else {
        run_with(*key);
    }
}

void exchange::run_without_key() {
    setting_.lend([&](pqxx::connection& c) {
        pqxx_compat::no_silent_reconnect(c);
        open_transaction t(c);
        auto mine = handled(t.tx());
        if (settles(status_of(mine))) {
            t.tx().exec("SELECT 1");  // COMMIT does not say that a statement failed before it.
            t.commit();
        }
        answer(std::move(mine));
    });
}

operation exchange::operation_of(const std::string& key) const {
    const auto& o = setting_.options;
    std::vector<std::string_view> parts{request_.method, request_.target, request_.body};
    for (const auto& name : o.request_headers) {
        const auto [from, to] = request_.headers.equal_range(name);
        parts.emplace_back(name);
        for (auto h = from; h != to; ++h) parts.emplace_back(h->second);
    }
    const auto caller = o.caller ? o.caller(request_) : std::string();
    return {o.schema, idempotency_scope(setting_.endpoint, caller), key,
            fingerprint_of_parts(parts)};
}

/// Between two attempts it holds no connection, so that whoever is at the operation finds one.
void exchange::run_with(const std::string& key) {
    const auto o = operation_of(key);
    const auto began = clock::now();
    for (auto pause = pause_min; !attempt(o); pause = std::min(2 * pause, pause_max)) {
        clock::duration patience = setting_.options.wait;
        if (doubts_ > 0) patience = std::max<clock::duration>(patience, doubt_wait_min);
        const auto left = began + patience - clock::now();
        if (left <= 0s) return give_up();
        std::this_thread::sleep_for(std::min<clock::duration>(pause, left));
    }
}

bool exchange::attempt(const operation& o) {
    bool answered = false;
    try {
        setting_.lend([&](pqxx::connection& c) {
            answered = look(c, o);
            if (answered) setting_.afterwards(c);
        });
    } catch (const commit_in_doubt&) {
        ++doubts_;
    } catch (const pqxx::broken_connection&) {
        if (doubts_ == 0) throw;  // Else go on looking: the database may come back in time.
    }
    return answered;
}

bool exchange::look(pqxx::connection& c, const operation& o) {
    pqxx_compat::no_silent_reconnect(c);
    open_transaction t(c);
    const auto begun = begin_operation(t.tx(), o, 0ms);
    switch (begun.state) {
        case operation_state::in_flight:
            return false;
        case operation_state::stored:
            answer_again(begun.result);
            return true;
        case operation_state::mismatch:
            set_problem(response_, 422, "Idempotency-Key was used before",
                        "Another request had this Idempotency-Key. Use a new one for each "
                        "operation.");
            return true;
        case operation_state::fresh:
            break;
    }
    handle(t, o, begun.xact);
    return true;
}

void exchange::handle(open_transaction& t, const operation& o, const std::string& xact) {
    auto mine = handled(t.tx());
    if (settles(status_of(mine))) {
        const auto response = encode_response(kept(mine, setting_.options.response_headers));
        const bool apart = faults::planted("answer-apart");
        if (!apart) end_operation(t.tx(), o, xact, response);
        faults::crash_point("guard.before_commit");
        try {
            if (apart)
                plant_answer_apart(t, o, response);
            else
                t.commit();
        } catch (const std::exception&) {
            if (doubts_ + 1 == doubts_max) throw;
            throw commit_in_doubt{};
        }
        faults::crash_point("guard.after_commit");
    }
    answer(std::move(mine));
}

/// Runs the handler on a response of its own, so that a second run starts from nothing.
httplib::Response exchange::handled(pqxx::transaction_base& tx) const {
    httplib::Response mine;
    mine.headers = response_.headers;
    setting_.handle(tx, request_, mine);
    if (mine.content_provider_) {
        throw std::logic_error(
            "a handler behind an idempotency_guard has set a content provider, which cannot be "
            "stored; use set_content");
    }
    return mine;
}

void exchange::answer(httplib::Response&& r) {
    response_.status = r.status;
    response_.reason = std::move(r.reason);
    response_.headers = std::move(r.headers);
    response_.body = std::move(r.body);
    response_.location = std::move(r.location);
}

void exchange::answer_again(const std::string& stored) {
    auto r = decode_response(stored);
    if (!r) {
        throw std::runtime_error("the stored answer of " + setting_.endpoint +
                                 " is no response; use its scope for nothing but the guard");
    }
    response_.status = r->status;
    for (const auto& [name, value] : r->headers) response_.headers.erase(name);
    for (auto& [name, value] : r->headers) response_.headers.emplace(name, std::move(value));
    response_.headers.emplace("Idempotent-Replayed", "true");
    response_.body = std::move(r->body);
}

void exchange::give_up() {
    if (doubts_ == 0) {
        set_problem(response_, 409, "A request with this Idempotency-Key is in flight",
                    "Ask again with the same key for its answer.", setting_.options.retry_after);
    } else {
        set_problem(response_, 503, "It is not known yet whether the request took effect",
                    "Ask again with the same Idempotency-Key, which is safe.",
                    setting_.options.retry_after);
    }
}

}  // namespace onceward::idempotency
