#include "guard/web/Refusal.h"

#include "base/json/JsonWriter.h"

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

} // namespace tenon::guard
