#pragma once

#include "net/route/AccessListener.h"
#include "ops/Settings.h"
#include "ops/log/LogQueue.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>

namespace tenon::ops
{

/// Writes a line a request, if the operator wants it, and into the log a line when a stream opens and when it closes.
///
/// Threading: any thread; a line is written in one piece, on the queue's thread.
class AccessLog : public net::AccessListener
{
public:
    enum class Form
    {
        OFF,
        COMBINED, ///< as Apache and nginx write it
        TEXT,     ///< as a line of the log
        JSON      ///< the same, as an object
    };

    /// As `ops.accessLog*` say. Errors: Poco::FileException if the file cannot be opened.
    AccessLog(const Settings& settings, LogQueue& queue);

    [[nodiscard]] bool wantsRequests() const noexcept override { return _form != Form::OFF; }
    void answered(const net::AccessEntry& entry) override;
    void opened(const net::StreamEntry& entry) override;
    void closed(const net::StreamEntry& entry) override;

    /// What is logged of a request: COMBINED is its text; the other forms are LogFormatter's.
    [[nodiscard]] static Poco::Message message(const net::AccessEntry& entry, Form form);

private:
    const Form _form;
    Poco::AutoPtr<Poco::Channel> _channel;
};

} // namespace tenon::ops
