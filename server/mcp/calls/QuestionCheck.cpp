#include "mcp/calls/QuestionCheck.h"

#include "base/json/JsonWriter.h"
#include "plugin/call/FormAnswer.h"

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using base::textMember;
using Element = JsonDocument::Element;

namespace
{

std::string elicitationAnswerFault(const Element& request, const Element& answer)
{
    Element content, params, form;
    const auto action = textMember(answer, "action");
    if (action != "accept" && action != "decline" && action != "cancel")
        return "the action must be accept, decline or cancel";
    if (action != "accept")
        return {};
    const bool asksForm = findMember(request, "params", params) && findMember(params, "requestedSchema", form);
    if (!findMember(answer, "content", content) || content.is_null())
        return asksForm && textMember(params, "mode") != "url" ? plugin::formFault(form, nullptr) : std::string();
    if (!content.is_object())
        return "the content must be an object";
    return asksForm ? plugin::formFault(form, &content) : std::string();
}

} // namespace

std::string answerFault(std::string_view method, const Element& request, const Element& answer)
{
    Element member;
    if (method == "elicitation/create")
        return elicitationAnswerFault(request, answer);
    if (method == "sampling/createMessage")
        return findMember(answer, "content", member) && findMember(answer, "role", member)
                   ? std::string()
                   : "a sampled message needs role and content";
    return findMember(answer, "roots", member) && member.is_array() ? std::string() : "\"roots\" must be an array";
}

std::string askedAgain(const Element& request, std::string_view fault)
{
    Element params;
    if (textMember(request, "method") != "elicitation/create" || !findMember(request, "params", params))
        return base::toJson(request);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(request))
    {
        if (name != "params")
        {
            writer.member(name, value);
            continue;
        }
        writer.key(name).beginObject();
        for (const auto& [key, content] : simdjson::dom::object(params))
            if (key == "message")
                writer.member(key, "The last answer could not be used: " + std::string(fault) + ". " +
                                       std::string(textMember(params, "message")));
            else
                writer.member(key, content);
        writer.endObject();
    }
    writer.endObject();
    return text;
}

} // namespace tenon::mcp
