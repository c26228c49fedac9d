#pragma once

#include "guard/Admission.h"
#include "net/http/RequestHead.h"
#include "net/route/AccessListener.h"
#include "net/route/Endpoint.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace tenon::net
{

/// What the front's listener is told of one exchange that it wants to know of.
///
/// Errors:    a listener that throws is logged; the exchange goes on.
/// Threading: within a turn of the connection's output; the functions that tell, outside or inside.
class ExchangeRecord
{
public:
    /// Of a request. Ownership: borrows the listener.
    ExchangeRecord(AccessListener& listener, const RequestHead& head, const guard::Admission& admission,
                   std::string_view peer);

    /// Of nothing but a stream, which it may become.
    explicit ExchangeRecord(AccessListener& listener) : _listener(listener) {}

    /// The exchange of that request becomes a stream that lasts; `ofSession` says whose, if the request did not.
    void becomesStream(const Request& request);
    void ofSession(std::string_view sessionId);

    void asked(std::string_view method, std::string_view name, std::string_view sessionId);
    void answered(int status, std::size_t bytes);
    void failed();
    void events(std::size_t count, std::size_t bytes);

    void tellOpened();
    /// The exchange is over: tells, and is empty. Shape: `wasStream` is whether a stream really was opened.
    void tellOver(bool wasStream, std::string_view why);

private:
    AccessListener& _listener;
    std::unique_ptr<AccessEntry> _access;
    std::unique_ptr<StreamEntry> _stream;
};

} // namespace tenon::net
