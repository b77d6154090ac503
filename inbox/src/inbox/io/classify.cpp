#include "inbox/io/classify.hpp"

#include <new>

#include <pqxx/except>

#include "onceward/handler.hpp"
#include "onceward/outbox.hpp"
#include "pg/verdict.hpp"

namespace onceward::inbox_io {

namespace {

constexpr auto connection_origin = "connection";

failure of_sql_error(const pqxx::sql_error& e) {
    const std::string state(e.sqlstate());  // a string or a view, by libpqxx's version
    if (state.empty()) return {verdict::transient, e.what(), connection_origin};
    const std::string origin = "sqlstate:" + state;
    if (state == "25P02") {
        return {
            verdict::rejected,
            "The handler went on after a statement that failed; it must let the exception pass.",
            origin};
    }
    return {pg::verdict_of(state), e.what(), origin};
}

}  // namespace

failure classify(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const permanent_error& e) {
        return {verdict::rejected, e.what(), "handler:permanent_error"};
    } catch (const transient_error& e) {
        return {verdict::transient, e.what(), "handler:transient_error"};
    } catch (const trouble& e) {
        return {verdict::rejected, e.what(), "inbox:trouble"};
    } catch (const limit_exceeded& e) {
        return {verdict::rejected, e.what(), "handler:limit_exceeded"};
    } catch (const pqxx::in_doubt_error& e) {
        return {verdict::in_doubt, e.what(), connection_origin};
    } catch (const pqxx::broken_connection& e) {
        return {verdict::transient, e.what(), connection_origin};
    } catch (const pqxx::transaction_rollback& e) {
        // No sql_error in libpqxx 6, so it has no SQLSTATE: class 40, a deadlock or its kin.
        return {verdict::transient, e.what(), "sqlstate:40"};
    } catch (const pqxx::sql_error& e) {
        return of_sql_error(e);
    } catch (const pqxx::failure& e) {
        return {verdict::transient, e.what(), connection_origin};
    } catch (const std::bad_alloc&) {
        return {verdict::transient, "Out of memory.", "memory"};
    } catch (const std::exception& e) {
        return {verdict::rejected, e.what(), "handler:exception"};
    } catch (...) {
        return {verdict::rejected, "The handler threw something that is no std::exception.",
                "handler:unknown"};
    }
}

bool lost_session(const failure& f) {
    return f.origin == connection_origin || f.origin.starts_with("sqlstate:57P") ||
           f.origin.starts_with("sqlstate:08") || f.origin == "sqlstate:25P03";
}

}  // namespace onceward::inbox_io
