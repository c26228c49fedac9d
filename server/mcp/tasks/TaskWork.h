#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/sessions/Session.h"

#include <memory>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What runs behind a task, as its record's keeper knows it. Calls are.
///
/// Threading: any thread.
class TaskWork
{
public:
    virtual ~TaskWork() = default;

    virtual void cancelTask(std::string_view reason) = 0;

    /// A client's answer to an input request; false if it asks for no such key now.
    virtual bool answerInput(const std::string& key, const base::JsonDocument::Element& answer) = 0;

    /// Goes on if everything that was asked for has been answered.
    virtual void resumeIfAnswered() = 0;

    /// Of a legacy client: what it asks, and has not yet asked, goes out on `stream` of `session`.
    virtual void listenOn(const SessionPtr& session, const ResponseSinkPtr& stream) = 0;
};

using TaskWorkPtr = std::shared_ptr<TaskWork>;

} // namespace tenon::mcp
