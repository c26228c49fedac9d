#pragma once

#include "mcp/messages/ResponseSink.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::mcp
{

class Session;

/// Collects the answers to the messages of one batch and sends them as one array.
///
/// Threading: any thread.
/// Spec:      2025-03-26, Overview, Batching.
class Batch : public std::enable_shared_from_this<Batch>
{
public:
    /// Why so many messages are not taken as a batch; empty: they are. Shape: `session` null: they have none.
    [[nodiscard]] static std::string faultOf(const Session* session, std::size_t messages, std::size_t most);

    /// Shape: `messages` counts the batch's messages; each gets one `item`, which has to be finished or closed.
    Batch(ResponseSinkPtr parent, std::size_t messages);

    [[nodiscard]] ResponseSinkPtr item();

private:
    class Item;
    void done(const Answer* answer);

    const ResponseSinkPtr _parent;

    std::mutex _mutex; // guards all below
    std::size_t _pending;
    std::string _answers;
};

} // namespace tenon::mcp
