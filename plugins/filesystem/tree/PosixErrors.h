#pragma once

#include "filesystem/Failure.h"

namespace tenon::filesystem
{

/// What `error` (an errno) means for the entry that the request named as `shown`; `done` ends "could not be …".
Failure failureOf(int error, const std::string& shown, const char* done);

} // namespace tenon::filesystem
