#pragma once

/// @file
/// What an exception out of a batch means for the batch.

#include <exception>
#include <stdexcept>

#include "onceward/result.hpp"

namespace onceward::inbox_io {

/// What cannot succeed and is no message's fault.
class trouble : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The verdict on an exception that a handler, libpqxx or the outbox has thrown.
///
/// `message` is the exception's text, for the reason that a person reads in the database; it may
/// hold values. `origin` is fit for the log: a SQLSTATE or a kind of exception.
failure classify(const std::exception_ptr& thrown);

/// Whether a failure of that origin has cost the session.
bool lost_session(const failure& f);

}  // namespace onceward::inbox_io
