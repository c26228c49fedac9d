#pragma once

#include "integration/mcp/Plan.h"
#include "integration/mcp/Playground.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::tests
{

/// One interleaving: clients, what they asked, and what they got.
///
/// Threading: `step` on any thread, the others when all steps are done.
class Scenario
{
public:
    explicit Scenario(Playground& playground, std::uint64_t seed);

    void step(const Step& step);

    /// Ends what is open, then looks for answers that are lost or doubled and for what is left behind. Empty if all is
    /// well, else what is wrong.
    [[nodiscard]] std::string judge();

private:
    enum class Era
    {
        LEGACY,
        MODERN,
        TASK ///< modern, and the client lets the server make tasks
    };
    /// One request and the connections on which its answer may come: the one it was sent on, and those that resumed.
    struct Request
    {
        Era era = Era::LEGACY;
        std::string id;
        std::size_t client = 0; ///< LEGACY
        std::vector<RecordingSinkPtr> sinks;
        bool mayBeLost = false; ///< cancelled, disconnected, its session deleted
        bool disconnected = false;
    };
    using RequestPtr = std::shared_ptr<Request>;

    void call(const Step& step);
    void cancel(const Step& step);
    void disconnect(const Step& step);
    void resume(const Step& step);
    void deleteSession(const Step& step);
    void listen(const Step& step);
    void answer(const Step& step);
    void updateTask(const Step& step);
    [[nodiscard]] RequestPtr choose(std::uint32_t which, bool legacyOnly);
    [[nodiscard]] bool answerAll(const RequestPtr& request);
    void settle();
    [[nodiscard]] std::string judge(Request& request);
    [[nodiscard]] std::string judgeLegacy(Request& request);

    Playground& _playground;
    TestServer& _server;
    std::atomic<int> _next{1};
    std::vector<std::unique_ptr<LegacyClient>> _clients;
    std::vector<std::atomic<bool>> _deleted;

    std::mutex _mutex; // guards all below, and the members of requests
    std::vector<RequestPtr> _requests;
    std::vector<RecordingSinkPtr> _listeners;
    std::vector<std::string> _tasks;
};

} // namespace tenon::tests
