#include "ops/AccessLog.h"

#include "base/LogEscape.h"
#include "ops/Answers.h"
#include "ops/LogText.h"

#include <Poco/ConsoleChannel.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/FileChannel.h>
#include <Poco/Message.h>

#include <iostream>

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

std::string combined(const AccessRecord& record)
{
    return column(record.clientAddress) + " - " + column(record.principal) + " [" +
           Poco::DateTimeFormatter::format(record.time, "%d/%b/%Y:%H:%M:%S +0000") + "] \"" +
           base::logEscaped(record.method) + " " + base::logEscaped(withoutSecrets(record.target)) + " " +
           base::logEscaped(record.protocol) + "\" " + std::to_string(record.status) + " " +
           std::to_string(record.bytes) + " \"" + orDash(withoutSecrets(record.referer)) + "\" \"" +
           orDash(record.userAgent) + "\"";
}

} // namespace

AccessLog::AccessLog(const base::Settings& settings) : _form(formOf(settings.text("ops.accessLog")))
{
    if (_form == Form::OFF)
        return;
    const std::string file = settings.text("ops.accessLogFile");
    if (file.empty())
    {
        _channel = new Poco::ConsoleChannel(std::cerr);
        return;
    }
    Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(file));
    channel->setProperty("rotation", settings.text("ops.accessLogRotation"));
    channel->setProperty("purgeCount", settings.text("ops.accessLogKeep"));
    channel->setProperty("times", "UTC");
    channel->setProperty("flush", "false");
    channel->open();
    _channel = channel;
}

void AccessLog::write(const AccessRecord& record)
{
    if (!_channel)
        return;
    const Poco::Message message("access", line(record, _form), Poco::Message::PRIO_INFORMATION);
    _channel->log(message);
}

std::string AccessLog::line(const AccessRecord& record, Form form)
{
    if (form == Form::OFF)
        return {};
    if (form == Form::COMBINED)
        return combined(record);
    LogLine line(form == Form::JSON, "access");
    line.add("time", isoTime(record.time))
        .add("client", record.clientAddress)
        .add("principal", record.principal)
        .add("method", record.method)
        .add("target", withoutSecrets(record.target))
        .add("status", std::int64_t(record.status))
        .add("bytes", static_cast<std::int64_t>(record.bytes))
        .add("duration_us", record.durationUs)
        .add("session", record.sessionId)
        .add("rpc", record.rpcMethod)
        .add("tool", record.tool)
        .add("trace", record.traceId)
        .add("error", record.errorId)
        .add("user_agent", record.userAgent);
    return line.text();
}

} // namespace tenon::ops
