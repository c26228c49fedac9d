#pragma once

#include "client/protocol/ClientHandler.h"
#include "client/protocol/Reply.h"

#include <string>
#include <string_view>

namespace tenon::client
{

class ClientSession;

/// Sees one request through to its complete result: answers what `input_required` asks and sends the request again,
/// follows the task that a call became.
///
/// Errors:    ClientException.
/// Threading: one thread a request, which waits.
/// Spec:      2026-07-28, Multi Round-Trip Requests; Tasks extension. 2025-11-25, Tasks.
class Rounds
{
public:
    Rounds(ClientSession& session, ClientHandler& handler) : _session(session), _handler(handler) {}

    [[nodiscard]] Reply run(std::string_view method, const std::string& params, const RequestOptions& options);

private:
    [[nodiscard]] std::string answers(const base::JsonDocument::Element& inputRequests);
    [[nodiscard]] Reply followTask(const std::string& taskId, const RequestOptions& options);
    [[nodiscard]] Reply followLegacyTask(const std::string& taskId, const RequestOptions& options);
    [[nodiscard]] Reply askTask(std::string_view method, const std::string& taskId, const std::string& more);
    void wait(int ms, const std::string& taskId, const RequestOptions& options);

    ClientSession& _session;
    ClientHandler& _handler;
};

} // namespace tenon::client
