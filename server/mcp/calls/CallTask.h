#pragma once

#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallStream.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/calls/Questions.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/tasks/TaskWork.h"

#include <memory>

namespace tenon::mcp
{

/// Makes a call a task: at its client's wish before it is entered, or at its tool's while it runs.
///
/// Threading: any thread.
/// Ownership: borrows parts of the same call, while it is used.
class CallTask
{
public:
    CallTask(const CallServices& services, const RequestContext& context, const CallTarget& target, CallLife& life,
             CallStream& stream, Questions& questions)
        : _services(services), _context(context), _target(target), _life(life), _stream(stream), _questions(questions)
    {
    }

    /// The client has its task on return. Shape: `work` is the call. Errors: RpcException.
    void start(const std::shared_ptr<TaskWork>& work);

    /// As `tenon_call.begin_task` says.
    [[nodiscard]] tenon_status begin(const std::shared_ptr<TaskWork>& work);

private:
    [[nodiscard]] bool wanted() const;

    const CallServices& _services;
    const RequestContext& _context;
    const CallTarget& _target;
    CallLife& _life;
    CallStream& _stream;
    Questions& _questions;
};

} // namespace tenon::mcp
