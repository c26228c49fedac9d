#include "ops/log/AccessLog.h"

#include "base/text/LogEscape.h"
#include "ops/Answers.h"
#include "ops/log/LogFile.h"
#include "ops/log/LogLine.h"
#include "ops/log/StderrChannel.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Message.h>

namespace tenon::ops
{

namespace
{

AccessLog::Form formOf(const std::string& name)
{
    if (name == "combined")
        return AccessLog::Form::COMBINED;
    if (name == "text")
        return AccessLog::Form::TEXT;
    return name == "json" ? AccessLog::Form::JSON : AccessLog::Form::OFF;
}

std::string orDash(std::string_view text)
{
    return text.empty() ? "-" : base::logEscaped(text);
}

/// A name with a space in it would shift the columns.
std::string column(std::string_view text)
{
    std::string result = orDash(text);
    for (std::size_t at; (at = result.find(' ')) != std::string::npos;)
        result.replace(at, 1, "\\x20");
    return result;
}

std::string combined(const net::AccessEntry& entry)
{
    return column(entry.clientAddress) + " - " + column(entry.principal) + " [" +
           Poco::DateTimeFormatter::format(entry.began, "%d/%b/%Y:%H:%M:%S +0000") + "] \"" +
           base::logEscaped(entry.method) + " " + base::logEscaped(withoutSecrets(entry.target)) + " " +
           base::logEscaped(entry.protocol) + "\" " + std::to_string(entry.status) + " " + std::to_string(entry.bytes) +
           " \"" + orDash(withoutSecrets(entry.referer)) + "\" \"" + orDash(entry.userAgent) + "\"";
}

} // namespace

AccessLog::AccessLog(const Settings& settings, LogQueue& queue) : _form(formOf(settings.accessLog))
{
    if (_form == Form::OFF)
        return;
    const std::string& file = settings.accessLogFile;
    if (file.empty())
    {
        _channel = queue.channelTo(new StderrChannel);
        return;
    }
    auto channel = logFile(file, settings.accessLogRotation, settings.accessLogKeep);
    channel->open();
    _channel = queue.channelTo(channel);
}

void AccessLog::answered(const net::AccessEntry& entry)
{
    if (!_channel)
        return;
    const Poco::Message message("access", line(entry, _form), Poco::Message::PRIO_INFORMATION);
    _channel->log(message);
}

std::string AccessLog::line(const net::AccessEntry& entry, Form form)
{
    if (form == Form::OFF)
        return {};
    if (form == Form::COMBINED)
        return combined(entry);
    LogLine line(form == Form::JSON, "access");
    line.add("time", isoTime(entry.began))
        .add("client", entry.clientAddress)
        .add("principal", entry.principal)
        .add("method", entry.method)
        .add("target", withoutSecrets(entry.target))
        .add("status", std::int64_t(entry.status))
        .add("bytes", static_cast<std::int64_t>(entry.bytes))
        .add("duration_us", entry.durationUs)
        .add("session", entry.sessionId)
        .add("rpc", entry.rpcMethod)
        .add("tool", entry.rpcName)
        .add("trace", entry.traceParent)
        .add("user_agent", entry.userAgent);
    return line.text();
}

} // namespace tenon::ops
