#include "store/redis/RedisScript.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include <utility>

namespace tenon::store
{

namespace
{

/// Made by the first script that needs it: scripts are made in no order that is known.
std::vector<const RedisScript*>& scripts()
{
    static std::vector<const RedisScript*> list;
    return list;
}

std::string digestOf(const std::string& text)
{
    Poco::SHA1Engine engine;
    engine.update(text);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

} // namespace

RedisScript::RedisScript(std::string text) : _text(std::move(text)), _digest(digestOf(_text))
{
    scripts().push_back(this);
}

const std::vector<const RedisScript*>& RedisScript::all()
{
    return scripts();
}

Outcome outcomeOf(const RedisReply* reply)
{
    if (!reply || reply->kind == RedisReply::Kind::ERROR || reply->number < 0)
        return Outcome::AWAY;
    return reply->number == 1 ? Outcome::FOUND : Outcome::UNKNOWN;
}

} // namespace tenon::store
