#pragma once

#include "mcp/sessions/Session.h"
#include "store/Archive.h"
#include "store/TaskStore.h"

#include <set>
#include <string>

namespace tenon::mcp
{

/// What was agreed in a session, as it is kept.
struct SessionRecord
{
    std::string principal; ///< id
    ProtocolVersion version = ProtocolVersion::V2024_11_05;
    ClientCapabilities client;
    std::string clientName;
    int logLevel = 1;
    std::set<std::string, std::less<>> subscriptions;
    std::string listensAt; ///< tag of the instance that has its stream; empty: none known
};

/// Shape: `self` is this instance's tag, for the stream that is here.
[[nodiscard]] std::string recordText(const Session& session, const std::string& self);
/// AWAY if a later version of this server wrote it, in a form that this one does not know: another instance can read it.
/// UNKNOWN if it is no record at all.
[[nodiscard]] store::Outcome readRecord(const std::string& text, SessionRecord& record);

/// A task as it is kept, with its version and its owner. Shape: `ttlMs` of what is kept is what is left of the task's.
[[nodiscard]] store::Record recordOf(const store::TaskRecord& task);
/// As for sessions.
[[nodiscard]] store::Outcome readRecord(const store::Record& record, store::TaskRecord& task);

} // namespace tenon::mcp
