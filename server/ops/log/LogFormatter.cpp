#include "ops/log/LogFormatter.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogEscape.h"
#include "base/text/LogLevels.h"
#include "ops/log/LogMembers.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Message.h>

namespace tenon::ops
{

void LogFormatter::format(const Poco::Message& message, std::string& text)
{
    const std::string time = Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
    const std::string_view level = base::PRIORITY_NAMES[message.getPriority()];
    std::string source = message.getSource();
    if (source.rfind("tenon.", 0) == 0)
        source.erase(0, 6);
    if (_json)
    {
        base::JsonWriter writer(text);
        writer.beginObject().member("time", time).member("level", level).member("source", source);
        writer.member("message", message.getText());
        if (const std::string members = LogMembers::of(message, true); !members.empty())
            writer.raw(members);
        writer.member("thread", message.getTid()).endObject();
        return;
    }
    text = time + ' ' + std::string(level) + ' ';
    base::appendLogMessage(text, source); // a plugin may be named as its file's owner likes
    text += "  ";
    base::appendLogMessage(text, message.getText());
    text += LogMembers::of(message, false);
}

} // namespace tenon::ops
