#include "guard/login/Refusal.h"

#include "base/JsonWriter.h"
#include "guard/login/Digest.h"

#include <algorithm>

namespace tenon::guard
{

Reply refusal(int status, std::string_view error, std::string_view message)
{
    Reply reply;
    reply.status = status;
    reply.reason = error;
    reply.headers.emplace_back("Content-Type", "application/json");
    reply.headers.emplace_back("Cache-Control", "no-store");
    base::JsonWriter(reply.body).beginObject().member("error", error).member("message", message).endObject();
    return reply;
}

Reply retryLater(int status, std::string_view error, std::string_view message, std::int64_t afterMs)
{
    Reply reply = refusal(status, error, message);
    reply.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, (afterMs + 999) / 1000)));
    return reply;
}

std::string shown(std::string_view text, std::size_t maxBytes)
{
    std::string result;
    for (const char letter : text.substr(0, maxBytes))
    {
        if (letter >= 0x20 && letter < 0x7f && letter != '\\')
            result += letter;
        else
            result += "\\x" + toHex({&letter, 1});
    }
    if (text.size() > maxBytes)
        result += "...";
    return result;
}

} // namespace tenon::guard
