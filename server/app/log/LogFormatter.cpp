#include "app/log/LogFormatter.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogEscape.h"
#include "base/text/LogLevels.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Message.h>

namespace tenon::app
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
        writer.member("message", message.getText()).member("thread", message.getTid()).endObject();
        return;
    }
    text = time + ' ' + std::string(level) + ' ' + source + "  ";
    base::appendLogMessage(text, message.getText());
}

} // namespace tenon::app
