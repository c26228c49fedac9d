#pragma once

#include "jsonrpc/Error.h"

#include <string_view>

namespace tenon::mcp
{

/// A request of a client that is being answered, as its session knows it. Calls are.
///
/// Threading: any thread.
class RunningRequest
{
public:
    virtual ~RunningRequest() = default;

    /// The client does not want the answer any more: none goes out. A task goes on; it has its own way to be cancelled.
    virtual void withdraw(std::string_view reason) = 0;

    /// There will be no answer, since the session or the server ends: the client gets an error that says so.
    virtual void abandon(jsonrpc::ErrorKind kind, std::string_view message) = 0;
};

} // namespace tenon::mcp
