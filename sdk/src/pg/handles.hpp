#pragma once

/// @file
/// Ownership of libpq's objects.

#include <memory>

#include <libpq-fe.h>

namespace onceward::pg {

template <auto Destroy>
struct destroy_with {
    template <class T>
    void operator()(T* p) const noexcept {
        Destroy(p);
    }
};

using conn_handle = std::unique_ptr<PGconn, destroy_with<&PQfinish>>;
using result_handle = std::unique_ptr<PGresult, destroy_with<&PQclear>>;

}  // namespace onceward::pg
