#pragma once

#include "base/json/JsonDocument.h"
#include "client/ClientException.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon::client
{

/// The result of a request. `result` lives as long as `document`.
struct Reply
{
    base::JsonDocumentPtr document;
    base::JsonDocument::Element result;
};

/// The progress of a request.
struct Progress
{
    double done = 0;
    std::optional<double> total;
    std::string message;
};

/// Cancels a request, from another thread than the one that waits.
///
/// Threading: any thread.
class Cancellation
{
public:
    /// Runs what `onCancel` was given, once.
    void cancel();
    [[nodiscard]] bool cancelled() const;

    /// `action` runs on the thread that cancels, at once if that has happened already. It replaces an earlier one; an
    /// empty one is run by nobody.
    void onCancel(std::function<void()> action);

private:
    mutable std::mutex _mutex; // guards all below
    std::function<void()> _action;
    bool _cancelled = false;
};

struct RequestOptions
{
    int timeoutMs = 60'000;                          ///< 0: none. Progress begins it anew
    std::function<void(const Progress&)> onProgress; ///< on a thread of the transport's; empty: none is asked for
    /// Of `subscriptions/listen`: what of its filter the server grants, before any news; on a thread of the transport's.
    std::function<void(const base::JsonDocument::Element& granted)> onAcknowledged;
    std::shared_ptr<Cancellation> cancellation;
    std::string meta; ///< further members of `_meta`, as the text of a JSON object; empty: none
    std::vector<std::pair<std::string, std::string>> headers; ///< of this request, over HTTP
};

/// The outcome of a request: a reply, or the reason why there is none.
struct Outcome
{
    Reply reply;
    std::unique_ptr<ClientException> fault; ///< null: there is a reply
};

[[nodiscard]] inline Outcome failedOutcome(const ClientException& why)
{
    return {{}, std::make_unique<ClientException>(why)};
}

using Completion = std::function<void(Outcome)>;

} // namespace tenon::client
