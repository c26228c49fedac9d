#include "net/http/SseFrame.h"

namespace tenon::net
{

namespace
{

bool isOneLine(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
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
