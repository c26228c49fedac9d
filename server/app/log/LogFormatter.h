#pragma once

#include <Poco/Formatter.h>

namespace tenon::app
{

/// One line an event, as text or as a JSON object. What is not printable is escaped, so that no message can pass for two.
///
/// Shape: `2026-11-20T10:15:00.123Z information net  message`, or
///        {"time":…,"level":…,"source":…,"message":…,"thread":…}.
class LogFormatter : public Poco::Formatter
{
public:
    explicit LogFormatter(bool json) : _json(json) {}

    void format(const Poco::Message& message, std::string& text) override;

private:
    const bool _json;
};

} // namespace tenon::app
