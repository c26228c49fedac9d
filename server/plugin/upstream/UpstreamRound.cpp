#include "plugin/upstream/UpstreamRound.h"

#include "base/json/JsonWriter.h"
#include "client/ClientException.h"

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;

constexpr std::string_view SERVER_INFO = "io.modelcontextprotocol/serverInfo";

} // namespace

std::string roundOf(const JsonDocument::Element& result)
{
    std::string text;
    base::JsonWriter out(text);
    out.beginObject();
    JsonDocument::Element member;
    for (const char* key : {"inputRequests", "requestState"})
        if (base::findMember(result, key, member))
            out.member(key, member);
    out.endObject();
    return text;
}

tenon_status answersOf(CallBackend& caller, const std::string& round, std::string& more)
{
    const auto document = JsonDocument::parse(round);
    JsonDocument::Element requests, state;
    simdjson::dom::object questions;
    std::string answers;
    base::JsonWriter out(answers);
    out.beginObject();
    bool pending = false;
    if (base::findMember(document->root(), "inputRequests", requests) && !requests.get(questions))
        for (const auto& [key, request] : questions)
        {
            const auto outcome = caller.requestInput(key, base::toJson(request));
            if (outcome.status == TENON_INPUT_PENDING)
                pending = true;
            else if (outcome.status != TENON_OK)
                return outcome.status;
            else
                out.member(key, outcome.answer->root());
        }
    out.endObject();
    if (pending)
        return TENON_INPUT_PENDING;
    more = "\"inputResponses\":" + answers;
    if (base::findMember(document->root(), "requestState", state))
        more += ",\"requestState\":" + base::toJson(state);
    return TENON_OK;
}

std::string questionText(std::string_view method, const JsonDocument::Element* params)
{
    std::string text;
    base::JsonWriter out(text);
    out.beginObject().member("method", method).key("params").beginObject();
    simdjson::dom::object members;
    if (params && !params->get(members))
        for (const auto& [key, value] : members)
            if (key != "_meta") // of the server's own session with us
                out.member(key, value);
    out.endObject().endObject();
    return text;
}

int codeFor(tenon_status status)
{
    return status == TENON_ERROR_UNSUPPORTED ? client::code::METHOD_NOT_FOUND : client::code::INTERNAL_ERROR;
}

std::string wordsFor(tenon_status status)
{
    return status == TENON_ERROR_UNSUPPORTED ? "the client of this call cannot be asked that"
                                             : "the client of this call gave no answer";
}

std::string ownResult(const JsonDocument::Element& result)
{
    JsonDocument::Element meta, own;
    const bool hasMeta = base::findMember(result, "_meta", meta) && base::findMember(meta, SERVER_INFO, own);
    if (!hasMeta && !base::findMember(result, "resultType", own))
        return base::toJson(result);
    std::string text;
    base::JsonWriter out(text);
    out.beginObject();
    simdjson::dom::object members, inner;
    if (!result.get(members))
        for (const auto& [key, value] : members)
        {
            if (key == "resultType")
                continue;
            if (key != "_meta" || value.get(inner))
            {
                out.member(key, value);
                continue;
            }
            out.key("_meta").beginObject();
            for (const auto& [name, content] : inner)
                if (name != SERVER_INFO)
                    out.member(name, content);
            out.endObject();
        }
    out.endObject();
    return text;
}

std::string metaOf(const CallBackend& caller, const std::string& logLevel, bool modern)
{
    const bool levelled = modern && !logLevel.empty();
    const CallOrigin origin = caller.origin();
    if (origin.traceparent.empty() && !levelled)
        return {};
    std::string text;
    base::JsonWriter out(text);
    out.beginObject();
    if (!origin.traceparent.empty())
        out.member("traceparent", origin.traceparent);
    if (!origin.tracestate.empty())
        out.member("tracestate", origin.tracestate);
    if (!origin.baggage.empty())
        out.member("baggage", origin.baggage);
    if (levelled)
        out.member("io.modelcontextprotocol/logLevel", logLevel);
    out.endObject();
    return text;
}

} // namespace tenon::plugin
