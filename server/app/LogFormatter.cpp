#include "app/LogFormatter.h"

#include "base/JsonWriter.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Message.h>

namespace tenon::app
{

namespace
{

constexpr const char* LEVELS[] = {"none",   "fatal",       "critical", "error", "warning",
                                  "notice", "information", "debug",    "trace"};

void appendEscaped(std::string& out, const std::string& text)
{
    static constexpr char HEX[] = "0123456789abcdef";
    for (const char letter : text)
    {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
        {
            out += "\\x";
            out += HEX[byte >> 4];
            out += HEX[byte & 15];
        }
        else
            out += letter;
    }
}

} // namespace

void LogFormatter::format(const Poco::Message& message, std::string& text)
{
    const std::string time = Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
    const char* level = LEVELS[message.getPriority()];
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
    text = time + ' ' + level + ' ' + source + "  ";
    appendEscaped(text, message.getText());
}

} // namespace tenon::app
