#include "ops/console/DoctorHandler.h"

#include "base/json/JsonWriter.h"
#include "base/text/Ascii.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"
#include "ops/doctor/Doctor.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <atomic>
#include <sstream>

namespace tenon::ops
{

namespace
{

std::atomic<bool> busy{false};

struct Turn
{
    const bool mine = !busy.exchange(true);
    ~Turn()
    {
        if (mine)
            busy = false;
    }
};

} // namespace

std::string findingsJson(const std::string& report)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginArray();
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);)
    {
        const std::string_view whole = base::trimmed(line);
        const std::size_t end = whole.find(' ');
        if (end == std::string_view::npos)
            continue;
        writer.beginObject()
            .member("kind", whole.substr(0, end))
            .member("text", base::trimmed(whole.substr(end)))
            .endObject();
    }
    writer.endArray();
    return text;
}

void DoctorHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    const Turn turn;
    if (!turn.mine)
        return sendError(response, 503, "busy", "The doctor is with somebody else; try again in a moment");
    std::ostringstream report;
    const int failed = doctor(_url, {}, report);
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("url", _url)
        .member("failed", failed)
        .rawMember("findings", findingsJson(report.str()))
        .endObject();
    sendJson(response, 200, text);
}

} // namespace tenon::ops
