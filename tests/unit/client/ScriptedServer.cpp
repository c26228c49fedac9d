#include "ScriptedServer.h"

namespace tenon::tests
{

std::vector<std::string> ScriptedServer::Script::methods()
{
    const std::lock_guard lock(mutex);
    std::vector<std::string> names;
    for (const auto& message : sent)
        names.push_back(message.method);
    return names;
}

std::string ScriptedServer::Script::lastText(const std::string& method)
{
    const std::lock_guard lock(mutex);
    for (auto message = sent.rbegin(); message != sent.rend(); ++message)
        if (message->method == method)
            return message->text;
    return {};
}

void ScriptedServer::Script::say(const std::string& json) const
{
    listener->onMessage(base::JsonDocument::parse(json), {});
}

void ScriptedServer::send(client::Outgoing message)
{
    {
        const std::lock_guard lock(_script->mutex);
        _script->sent.push_back(message);
    }
    if (message.id.empty())
        return;
    const auto found = _script->answers.find(message.method);
    try
    {
        const std::string answer =
            found == _script->answers.end() ? R"("error":{"code":-32601,"message":"unknown"})" : found->second(message);
        if (!answer.empty())
            _script->say(R"({"jsonrpc":"2.0","id":)" + message.id + "," + answer + "}");
    }
    catch (const client::ClientException& exc)
    {
        _script->listener->onRequestFailed(message.id, exc);
    }
}

bool ScriptedServer::abandon(const std::string& id)
{
    _script->abandoned.push_back(id);
    return false;
}

ScriptedServer::Answer always(const std::string& answer)
{
    return [answer](const client::Outgoing&) { return answer; };
}

} // namespace tenon::tests
