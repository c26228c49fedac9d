#include "ops/telemetry/SpanExporter.h"

#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/NullStream.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace tenon::ops
{

namespace
{

const Poco::Timespan TIMEOUT(5, 0);

std::unique_ptr<Poco::Net::HTTPClientSession> sessionFor(const Poco::URI& uri)
{
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https")
    {
        Poco::Net::Context::Ptr context(
            new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_STRICT, 9, true));
        context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
        session = std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    }
    else
        session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    session->setTimeout(TIMEOUT);
    session->setKeepAlive(true);
    return session;
}

void post(Poco::Net::HTTPClientSession& session, const Poco::URI& uri, const SpanExporter::Target& target,
          const std::string& body)
{
    constexpr int OK = 200, NO_LONGER_OK = 300;
    const std::string path = uri.getPathAndQuery();
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_POST, path.empty() ? "/" : path,
                                   Poco::Net::HTTPMessage::HTTP_1_1);
    request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    for (const auto& [name, value] : target.headers)
        request.set(name, value);
    session.sendRequest(request).write(body.data(), static_cast<std::streamsize>(body.size()));
    Poco::Net::HTTPResponse response;
    std::istream& answer = session.receiveResponse(response);
    Poco::NullOutputStream nowhere;
    Poco::StreamCopier::copyStream(answer, nowhere);
    const int status = static_cast<int>(response.getStatus());
    if (status < OK || status >= NO_LONGER_OK)
        throw Poco::IOException("it answers with status " + std::to_string(status));
}

} // namespace

SpanExporter::Post SpanExporter::over(Target target)
{
    const auto uri = std::make_shared<const Poco::URI>(target.url);
    return [uri, target = std::move(target),
            session = std::shared_ptr<Poco::Net::HTTPClientSession>()](const std::string& body) mutable
    {
        if (!session)
            session = sessionFor(*uri);
        try
        {
            post(*session, *uri, target, body);
        }
        catch (const Poco::Exception&)
        {
            session.reset();
            throw;
        }
    };
}

SpanExporter::SpanExporter(TelemetrySource source, Post post, base::MetricsRegistry& metrics)
    : _source(std::move(source)), _post(std::move(post)),
      _sent(metrics.counter("tenon_traces_sent_total", "Traced requests that the collector has taken")),
      _dropped(metrics.counter("tenon_traces_dropped_total", "Traced requests that no collector will see")),
      _thread(
          [this]
          {
              // A shortage of memory costs the spans at hand, not the traces to come.
              while (!base::threadRoot("the sender of traces", [this] { run(); }))
                  std::this_thread::sleep_for(FIRST_PAUSE);
              const std::lock_guard lock(_mutex);
              _ended = true;
              _wake.notify_all();
          })
{
}

SpanExporter::~SpanExporter()
{
    (void)stop(std::chrono::milliseconds(0));
    _thread.join();
}

bool SpanExporter::stop(std::chrono::milliseconds patience)
{
    std::unique_lock lock(_mutex);
    _ending = true;
    _wake.notify_all();
    return _wake.wait_for(lock, patience, [this] { return _ended; });
}

void SpanExporter::add(const mcp::Operation& operation)
{
    bool full = false;
    {
        const std::lock_guard lock(_mutex);
        if (_waiting.size() >= MAX_WAITING)
        {
            _dropped.add();
            return;
        }
        _waiting.push_back(operation);
        full = _waiting.size() == MAX_BATCH;
    }
    if (full)
        _wake.notify_one();
}

bool SpanExporter::send(const std::vector<mcp::Operation>& batch)
{
    auto& logger = Poco::Logger::get("tenon.ops");
    try
    {
        _post(spansJson(batch, _source));
        _sent.add(batch.size());
        if (_failing)
            logger.information("telemetry.otlp: the collector accepts traces again");
        _failing = false;
        return true;
    }
    catch (const Poco::Exception& exc)
    {
        _dropped.add(batch.size());
        if (!_failing) // once, not with every batch
            logger.warning("telemetry.otlp: traces are dropped, since the collector does not accept them: " +
                           exc.displayText());
        _failing = true;
        return false;
    }
}

void SpanExporter::run()
{
    std::chrono::milliseconds pause = INTERVAL;
    std::unique_lock lock(_mutex);
    for (;;)
    {
        _wake.wait_for(lock, pause, [&] { return _ending || (!_failing && _waiting.size() >= MAX_BATCH); });
        const std::size_t count = std::min(_waiting.size(), MAX_BATCH);
        if (count == 0)
        {
            if (_ending)
                return;
            continue;
        }
        const auto end = _waiting.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<mcp::Operation> batch(std::make_move_iterator(_waiting.begin()), std::make_move_iterator(end));
        _waiting.erase(_waiting.begin(), end);
        const bool more = !_waiting.empty();
        lock.unlock();
        const bool taken = send(batch);
        lock.lock();
        if (_ending && !taken)
        {
            _dropped.add(_waiting.size());
            return;
        }
        pause = taken ? (more ? std::chrono::milliseconds(0) : INTERVAL)
                      : std::clamp<std::chrono::milliseconds>(pause * 2, FIRST_PAUSE, LAST_PAUSE);
    }
}

} // namespace tenon::ops
