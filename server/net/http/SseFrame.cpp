#include "net/http/SseFrame.h"

#include <algorithm>

namespace tenon::net
{

namespace
{

bool isOneLine(std::string_view text)
{
    // Not find_first_of, which searches the three for each character: ids of an event are long.
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

} // namespace

void SseFrame::appendHead(std::string& out) const
{
    if (!event.empty() && isOneLine(event))
        out.append("event: ").append(event).push_back('\n');
    if (!id.empty() && isOneLine(id))
        out.append("id: ").append(id).push_back('\n');
    if (retryMs != 0)
        out.append("retry: ").append(std::to_string(retryMs)).push_back('\n');
    out.append("data: ");
}

void SseFrame::append(std::string& out, std::string_view data) const
{
    appendHead(out);
    for (;;)
    {
        const std::size_t end = data.find_first_of("\r\n");
        out.append(data.substr(0, end));
        if (end == std::string_view::npos)
            break;
        const bool pair = data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
        data.remove_prefix(end + (pair ? 2 : 1));
        out.append("\ndata: ");
    }
    out.append(SSE_END);
}

} // namespace tenon::net
