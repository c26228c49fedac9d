#include "base/json/JsonWriter.h"
#include "mcp/calls/Call.h"
#include "mcp/methods/Methods.h"

#include <algorithm>

namespace tenon::mcp
{

using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace methods
{

void listSkills(Protocol& protocol, RequestContext& context)
{
    answerList(protocol, context, ListKind::SKILLS);
}

void getSkill(Protocol& protocol, RequestContext& context)
{
    const auto uri = context.requireText("uri");
    const auto view = protocol.view();
    for (const auto& skill : view->catalogue->skills)
        if (skill.uri == uri && context.principal->may(base::Access::RESOURCE, uri, true))
            return answer(context, protocol.meta,
                          "\"skill\":" + skill.definition.text() + listHints(protocol, context));
    throw RpcException(ErrorKind::INVALID_PARAMS, "Unknown skill: " + std::string(uri));
}

void readDirectory(Protocol& protocol, RequestContext& context)
{
    const auto uri = context.requireText("uri");
    auto view = protocol.view();
    plugin::InstancePtr reader;
    for (const auto& skill : view->catalogue->skills)
    {
        const auto folder = std::string_view(skill.uri).substr(0, skill.uri.rfind('/'));
        if (uri == folder || uri.starts_with(std::string(folder) + '/'))
            reader = skill.instance;
    }
    const auto& readers = view->catalogue->directoryReaders;
    if (!reader || std::find(readers.begin(), readers.end(), reader) == readers.end() ||
        !context.principal->may(base::Access::RESOURCE, uri, true))
        throw RpcException(ErrorKind::INVALID_PARAMS, "there is no directory '" + std::string(uri) + "'");
    std::string text;
    base::JsonWriter(text).beginObject().member("uri", uri).endObject();
    auto arguments = base::JsonDocument::parse(text);
    const auto root = arguments->root();
    Call::start(Call::of(protocol.callServices, context, std::move(view),
                         CallTarget{plugin::Target::DIRECTORY, reader.get(), 0, nullptr, std::string(uri)},
                         std::move(arguments), root));
}

} // namespace methods

} // namespace tenon::mcp
