#pragma once

#include "base/threads/Timers.h"
#include "client/protocol/Reply.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::client
{

/// Requests that wait for their answers: each completes once, by its answer, a fault, its deadline or its caller.
///
/// Threading: any thread; no lock is held while a completion or a progress listener runs.
class Correlator
{
public:
    /// Told when a deadline has passed, after the request completed.
    using OnTimeout = std::function<void(const std::string& id)>;
    /// What a user should know when no answer came; empty: nothing.
    using Remark = std::function<std::string()>;

    Correlator(base::Timers& timers, OnTimeout onTimeout, Remark remark)
        : _timers(timers), _onTimeout(std::move(onTimeout)), _remark(std::move(remark))
    {
    }
    ~Correlator();
    Correlator(const Correlator&) = delete;
    Correlator& operator=(const Correlator&) = delete;

    /// An id that no other request of this session has, as JSON text.
    [[nodiscard]] std::string nextId();

    // False: nobody waits (any more).

    /// False if it failed already, since nothing can watch over its deadline.
    bool add(const std::string& id, const RequestOptions& options, Completion completion);
    bool complete(const std::string& id, Reply reply);
    bool fail(const std::string& id, const ClientException& why);
    /// If exactly one waits.
    bool failOnly(const ClientException& why);
    bool progress(const std::string& token, const Progress& progress);
    bool acknowledged(const std::string& id, const base::JsonDocument::Element& granted);

    void failAll(const ClientException& why);

    /// As `failAll`, and returns when nobody is being told of a deadline any more. Not from a completion.
    void end(const ClientException& why);

    [[nodiscard]] std::size_t waiting() const;

private:
    struct Waiting
    {
        Completion completion;
        std::function<void(const Progress&)> onProgress;
        std::function<void(const base::JsonDocument::Element&)> onAcknowledged;
        int timeoutMs = 0;
        base::Timers::Id timer = 0;
    };

    /// This thread tells of a deadline, while it lives.
    class Telling
    {
    public:
        explicit Telling(Correlator& correlator);
        ~Telling();
        Telling(const Telling&) = delete;
        Telling& operator=(const Telling&) = delete;

    private:
        Correlator& _correlator;
    };

    bool finish(const std::string& id, Outcome outcome);
    void timedOut(const std::string& id, int timeoutMs);

    base::Timers& _timers;
    const OnTimeout _onTimeout;
    const Remark _remark;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _told;
    std::thread::id _telling; ///< the thread that tells of a deadline: `_onTimeout` may be yet to come; none: nobody
    std::map<std::string, Waiting> _waiting;
    std::uint64_t _next = 1;
};

} // namespace tenon::client
