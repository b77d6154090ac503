#include "pg/settled_statement.hpp"

namespace onceward::pg {

settled_statement::settled_statement(PGconn* session, const std::string& settings, const char* sql,
                                     std::span<const char* const> values, int format)
    : session_(session) {
    if (PQenterPipelineMode(session_) == 0) return;
    sent_ = PQsendQueryParams(session_, settings.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                              /*resultFormat=*/0) == 1 &&
            PQsendQueryParams(session_, sql, static_cast<int>(values.size()), nullptr,
                              values.data(), nullptr, nullptr, format) == 1;
    // Also behind what could not be sent, so that the pipeline has an end.
    sent_ = PQpipelineSync(session_) == 1 && sent_;
}

settled_statement::~settled_statement() {
    int nothing = 0;  // there is one between two statements, and two only where nothing comes
    while (nothing < 2 && PQpipelineStatus(session_) != PQ_PIPELINE_OFF) {
        const result_handle r(PQgetResult(session_));
        if (PQresultStatus(r.get()) == PGRES_PIPELINE_SYNC) break;
        nothing = r ? 0 : nothing + 1;
    }
    static_cast<void>(PQexitPipelineMode(session_));
}

bool settled_statement::settled(result_handle& answer) {
    if (!sent_) return false;
    answer.reset(PQgetResult(session_));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return false;
    const result_handle end(PQgetResult(session_));
    return !end;
}

}  // namespace onceward::pg
