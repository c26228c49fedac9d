#include "mcp/dispatch/CallIntake.h"

#include <memory>
#include <string>
#include <utility>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

constexpr std::size_t SMALL = 4096;    // of a document that is not counted: calls are, too
constexpr std::size_t TREE_TIMES = 10; // what a tree and its texts take of the message's bytes, at most

} // namespace

CallIntake::CallIntake(Protocol& protocol) : _protocol(protocol)
{
    if (protocol.services.quotas)
        protocol.services.quotas->share("calls", _calls);
}

void CallIntake::take(const IncomingMessage& incoming, RequestContext& context, bool inBatch)
{
    const std::size_t inAll = _protocol.options.maxCalls;
    if (inAll && _protocol.calls.count() >= inAll)
        throw RpcException(ErrorKind::LIMIT, "too many calls are in flight; try again later");
    context.holder = incoming.allowance.holder;
    context.limits = incoming.allowance.limits;
    // On stdio nobody is told apart from others.
    const auto most = context.holder.empty() ? 0 : context.limits.most(context.limits.callsInFlight, inAll);
    if (most != 0 && !(context.held = _calls.take(context.holder, most)))
        throw RpcException(ErrorKind::QUOTA, "you have " + std::to_string(most) +
                                                 " calls in flight, which is your limit; wait until one ends");
    if (!inBatch && incoming.body.size() * TREE_TIMES > SMALL && context.document->bytes() > SMALL)
        context.document = counted(incoming, std::move(context.document));
}

base::JsonDocumentPtr CallIntake::counted(const IncomingMessage& incoming, base::JsonDocumentPtr document)
{
    const std::size_t bytes = document->bytes();
    if (bytes <= SMALL)
        return document;
    struct Counted
    {
        base::JsonDocumentPtr document;
        base::HolderShare share;
    };
    const auto kept = std::make_shared<Counted>(
        Counted{std::move(document), _protocol.memory.shareOf(incoming.allowance.holder, incoming.allowance.limits)});
    if (kept->share.tryResize(bytes))
        return {kept, kept->document.get()};
    if (_protocol.memory.full(bytes))
        throw RpcException(ErrorKind::LIMIT, "limits.memoryMb is used up; try again later");
    throw RpcException(ErrorKind::QUOTA,
                       "your calls and tasks have reached their limit of memory; wait until one ends, or send less");
}

} // namespace tenon::mcp
