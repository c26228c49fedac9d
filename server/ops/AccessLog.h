#pragma once

#include "base/Settings.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Timestamp.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::ops
{

/// One answered request. Borrows everything.
struct AccessRecord
{
    Poco::Timestamp time;
    std::string_view clientAddress;
    std::string_view principal;                ///< its name; empty: none
    std::string_view method, target, protocol; ///< "POST", "/mcp?x=y", "HTTP/1.1"
    int status = 0;
    std::uint64_t bytes = 0; ///< of the body
    std::string_view referer, userAgent;
    std::string_view sessionId, rpcMethod, tool, traceId, errorId; ///< empty: none
    std::int64_t durationUs = 0;
};

/// Writes a line a request, if the operator wants it.
///
/// Threading: any thread; a line is written in one piece.
class AccessLog
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
    explicit AccessLog(const base::Settings& settings);

    [[nodiscard]] bool on() const { return _form != Form::OFF; }
    void write(const AccessRecord& record);

    /// Without the line's end.
    [[nodiscard]] static std::string line(const AccessRecord& record, Form form);

private:
    const Form _form;
    Poco::AutoPtr<Poco::Channel> _channel;
};

} // namespace tenon::ops
