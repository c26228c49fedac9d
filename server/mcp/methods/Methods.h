#pragma once

#include "mcp/messages/RequestContext.h"
#include "mcp/methods/Protocol.h"

#include <string_view>

namespace tenon::mcp
{

/// The properties of a method: its direction, and what it needs.
struct Method
{
    std::string_view name;
    ProtocolVersion first;
    ProtocolVersion last;
    RequestParams::Name nameParam; ///< what modern clients repeat in `Mcp-Name`; NONE: nothing
    bool mayBlock;                 ///< it enters plugins
    bool needsTasks;               ///< modern clients must have declared the tasks extension

    /// Answers through `context.sink`, now or later; who answers later takes the context. Errors: RpcException.
    void (*run)(Protocol& protocol, RequestContext& context);
};

// The methods, by chapter of the specification; each file implements its own.
namespace methods
{
using Run = void(Protocol&, RequestContext&);

Run ping, setLogLevel, discover; // Discovery.cpp; initialize is the dispatcher's
Run listTools, callTool;         // Tools.cpp
Run listResources, listTemplates, readResource, subscribe, unsubscribe, listen; // Resources.cpp
Run listPrompts, getPrompt, complete;                                           // Prompts.cpp
Run listSkills, getSkill, readDirectory;                                        // Skills.cpp
Run getTask, updateTask, cancelTask, legacyGetTask, legacyTaskResult, legacyListTasks,
    legacyCancelTask; // TaskMethods.cpp
} // namespace methods

/// `ServerCapabilities` for a revision, as JSON object.
///
/// Shape: `identified` is RequestContext's: whoever cannot be told from others is not offered the list of tasks.
[[nodiscard]] std::string serverCapabilities(Protocol& protocol, ProtocolVersion version, bool identified);

/// The level of that name, TENON_LOG_*. Errors: RpcException (INVALID_PARAMS).
[[nodiscard]] int logLevelOf(std::string_view name);

/// Answers with one page of a list.
void answerList(Protocol& protocol, const RequestContext& context, ListKind kind);

/// The caching hints of a list for modern clients, as members.
[[nodiscard]] std::string listHints(const Protocol& protocol, const RequestContext& context);

} // namespace tenon::mcp
