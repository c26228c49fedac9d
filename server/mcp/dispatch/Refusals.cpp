#include "mcp/dispatch/Refusals.h"

#include "base/json/JsonScan.h"
#include "base/text/LogEscape.h"
#include "base/text/RandomId.h"
#include "base/threads/SteadyClock.h"
#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <array>

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;

namespace
{

/// What a text has that JSON has not, if it were JSON without it: whoever sent that has a serialiser, and waits for an answer
/// under an id. Empty for any other fault.
std::string foreignIn(std::string_view body)
{
    if (!simdjson::validate_utf8(body.data(), body.size()))
        return "the text is not valid UTF-8";
    try
    {
        (void)JsonDocument::parse(base::withoutForeignNumbers(body));
        return "NaN and Infinity have no form in JSON";
    }
    catch (const base::JsonException&)
    {
        return {};
    }
}

/// The id of a message that cannot be read as a whole, so that whoever waits for its answer gets one; empty if there is
/// none.
std::string idWithin(std::string_view body)
{
    std::string id;
    try
    {
        const auto member = JsonDocument::parse(std::string(base::topLevelMember(body, "id")));
        (void)jsonrpc::readId(member->root(), id); // one that is refused is answered under it, too
    }
    catch (const base::JsonException&)
    {
        id.clear();
    }
    return id;
}

/// Whether its sender wants to hear nothing, and its transport need not say anything.
bool isSilent(const Refusals::Subject& subject)
{
    return subject.message.notifies && subject.incoming.transport != Transport::STREAMABLE_HTTP;
}

std::string_view answeredId(const jsonrpc::Message& message)
{
    return message.answerable ? std::string_view(message.id) : std::string_view();
}

} // namespace

void finishError(const ResponseSinkPtr& sink, ErrorKind kind, std::string_view id, std::string_view message,
                 bool modern, std::string_view data)
{
    std::string text;
    jsonrpc::appendError(text, id, kind, modern, message, data);
    const std::array<std::string_view, 1> parts = {text};
    Answer answer;
    answer.parts = parts;
    answer.error = kind;
    answer.modern = modern;
    sink->finish(answer);
}

/// Refuses; if that fails too, for want of memory, whoever asked is told so.
template <typename Refuse>
void Refusals::orLost(const Subject& subject, Refuse refuse) const noexcept
{
    // Who took the context may have failed to answer.
    const RequestContext& context = subject.context;
    const ResponseSinkPtr& to = context.sink ? context.sink : subject.sink;
    if (base::threadRoot("the refusal of a message", [&] { refuse(to); }))
        return;
    if (isSilent(subject))
        base::threadRoot("the end of a notification", [&] { to->finish({}); });
    else
        answerLost(*to, answeredId(subject.message), context.modern());
}

void Refusals::refuse(const Subject& subject, const ResponseSinkPtr& to, ErrorKind kind, std::string_view why,
                      bool modern, std::string_view data) const
{
    const RequestContext& context = subject.context;
    if (!context.id.empty() && context.document) // a request that nobody has taken
        _figures.failed(context.method, {}, std::to_string(jsonrpc::codeOf(kind, context.modern())),
                        static_cast<std::uint64_t>(base::steadyUs() - subject.sinceUs));
    _errors.add();
    if (isSilent(subject))
        return to->finish({});
    finishError(to, kind, answeredId(subject.message), why, modern, data);
}

void Refusals::refused(const Subject& subject, const jsonrpc::RpcException& why) const noexcept
{
    orLost(subject,
           [&](const ResponseSinkPtr& to) {
               refuse(subject, to, why.kind(), why.message(), subject.context.modern() && subject.context.hasMeta,
                      why.data());
           });
}

void Refusals::failed(const Subject& subject, const std::exception& why) const noexcept
{
    orLost(subject,
           [&](const ResponseSinkPtr& to)
           {
               const std::string id = base::randomId(12);
               const auto* poco = dynamic_cast<const Poco::Exception*>(&why);
               // Whoever took the context has the document, too.
               const std::string_view method = subject.context.document ? subject.message.method : "a call";
               Poco::Logger::get("tenon.mcp")
                   .error("error " + id + " in " + base::forLog(method) + ": " +
                          (poco ? poco->displayText() : std::string(why.what())));
               refuse(subject, to, ErrorKind::INTERNAL, "Internal error " + id, subject.context.modern());
           });
}

void Refusals::unreadable(const IncomingMessage& incoming, const base::JsonException& why,
                          const ResponseSinkPtr& sink) const
{
    _errors.add();
    const bool malformed = why.kind() == base::JsonException::Kind::MALFORMED;
    const std::string foreign = malformed ? foreignIn(incoming.body) : std::string();
    if (malformed && foreign.empty())
        return finishError(sink, ErrorKind::PARSE, {}, "Parse error: " + why.message());
    const std::string id = idWithin(incoming.body);
    const bool asks = !base::topLevelMember(incoming.body, "method").empty();
    if (asks && id.empty() && incoming.transport != Transport::STREAMABLE_HTTP)
        return sink->finish({}); // a notification
    finishError(sink, malformed ? ErrorKind::PARSE : ErrorKind::INVALID_REQUEST, asks ? id : std::string(),
                malformed ? "Parse error: malformed JSON: " + foreign : "Invalid request: " + why.message());
}

void Refusals::batch(const ResponseSinkPtr& sink, ErrorKind kind, std::string_view why) const
{
    _errors.add();
    finishError(sink, kind, {}, why);
}

} // namespace tenon::mcp
