#pragma once

#include <Poco/Formatter.h>

namespace tenon::ops
{

/// One line an event, as text or as a JSON object. What is not printable is escaped, so that no message can pass for two.
///
/// Shape: `2026-11-20T10:15:00.123Z information net  stream closed session=4711 why=client`, or
///        {"time":…,"level":…,"source":"net","message":"stream closed","session":"4711","why":"client","thread":…}.
///        What stands between message and thread are the message's LogMembers, if it has any.
class LogFormatter : public Poco::Formatter
{
public:
    explicit LogFormatter(bool json) : _json(json) {}

    void format(const Poco::Message& message, std::string& text) override;

private:
    const bool _json;
};

} // namespace tenon::ops
