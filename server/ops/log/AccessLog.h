#pragma once

#include "net/route/AccessListener.h"
#include "ops/Settings.h"
#include "ops/log/LogQueue.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <string>

namespace tenon::ops
{

/// Writes a line a request, if the operator wants it.
///
/// Threading: any thread; a line is written in one piece, on the queue's thread.
class AccessLog : public net::AccessListener
{
public:
    enum class Form
    {
        OFF,
        COMBINED, ///< as Apache and nginx write it
        TEXT,     ///< key=value
        JSON
    };

    /// As `ops.accessLog*` say. Errors: Poco::FileException if the file cannot be opened.
    AccessLog(const Settings& settings, LogQueue& queue);

    [[nodiscard]] bool on() const { return _form != Form::OFF; }
    void answered(const net::AccessEntry& entry) override;

    /// Without the line's end.
    [[nodiscard]] static std::string line(const net::AccessEntry& entry, Form form);

private:
    const Form _form;
    Poco::AutoPtr<Poco::Channel> _channel;
};

} // namespace tenon::ops
