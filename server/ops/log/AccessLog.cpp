#include "ops/log/AccessLog.h"

#include "base/text/LogEscape.h"
#include "ops/log/LogFile.h"
#include "ops/log/LogFormatter.h"
#include "ops/log/LogMembers.h"
#include "ops/log/StderrChannel.h"
#include "ops/log/StreamLine.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
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
    Poco::AutoPtr<Poco::Channel> target(new StderrChannel);
    if (const std::string& file = settings.accessLogFile; !file.empty())
    {
        auto channel = logFile(file, settings.accessLogRotation, settings.accessLogKeep);
        channel->open();
        target = channel;
    }
    if (_form != Form::COMBINED)
        target = new Poco::FormattingChannel(new LogFormatter(_form == Form::JSON), target);
    _channel = queue.channelTo(target);
}

void AccessLog::answered(const net::AccessEntry& entry)
{
    if (_channel)
        _channel->log(message(entry, _form));
}

void AccessLog::opened(const net::StreamEntry& entry)
{
    Poco::Logger::get("tenon.net").log(streamOpened(entry));
}

void AccessLog::closed(const net::StreamEntry& entry)
{
    Poco::Logger::get("tenon.net").log(streamClosed(entry));
}

Poco::Message AccessLog::message(const net::AccessEntry& entry, Form form)
{
    Poco::Message message("access", form == Form::COMBINED ? combined(entry) : "request",
                          Poco::Message::PRIO_INFORMATION);
    if (form == Form::COMBINED)
        return message;
    message.setTime(entry.began);
    LogMembers members;
    members.add("client", entry.clientAddress)
        .add("principal", entry.principal)
        .add("method", entry.method)
        .add("target", withoutSecrets(entry.target))
        .add("status", std::int64_t(entry.status))
        .add("bytes", static_cast<std::int64_t>(entry.bytes))
        .add("duration_us", entry.durationUs)
        .add("session", entry.sessionId)
        .add("rpc", entry.rpcMethod)
        .add("tool", entry.rpcName)
        .flag("isError", entry.isError)
        .add("trace", entry.traceParent)
        .add("user_agent", entry.userAgent);
    members.attachTo(message);
    return message;
}

} // namespace tenon::ops
