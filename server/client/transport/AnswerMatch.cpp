#include "client/transport/AnswerMatch.h"

#include "jsonrpc/Message.h"

namespace tenon::client
{

bool isAnswerTo(const base::JsonDocument::Element& message, std::string_view id)
{
    simdjson::dom::array batch;
    if (!message.get(batch))
    {
        for (const auto& one : batch)
            if (isAnswerTo(one, id))
                return true;
        return false;
    }
    const auto read = jsonrpc::Message::read(message);
    return (read.kind == jsonrpc::Message::Kind::RESPONSE || read.kind == jsonrpc::Message::Kind::ERROR_RESPONSE) &&
           read.id == id;
}

} // namespace tenon::client
