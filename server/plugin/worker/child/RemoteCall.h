#pragma once

#include "plugin/call/CallBackend.h"
#include "plugin/call/Memories.h"
#include "plugin/worker/channel/FrameChannel.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tenon::plugin
{

class RemoteCall;

/// The calls that are in a worker, by id: frames of the server find theirs here.
///
/// Threading: any thread.
class RemoteCalls
{
public:
    void add(std::uint64_t id, RemoteCall& call);
    void remove(std::uint64_t id);
    void cancel(std::uint64_t id);
    void answer(std::uint64_t id, tenon_status status, std::string_view text);

private:
    std::mutex _mutex; // guards:
    std::unordered_map<std::uint64_t, RemoteCall*> _calls;
};

/// A call in a worker: what the plugin says goes to the server as frames, what it asks waits for the server's answer.
///
/// Threading: as `CallBackend`.
class RemoteCall final : public CallBackend
{
public:
    /// Errors: Poco::DataFormatException if the frame is no call.
    RemoteCall(FrameChannel& channel, RemoteCalls& calls, const Frame& frame);
    ~RemoteCall() override;
    RemoteCall(const RemoteCall&) = delete;
    RemoteCall& operator=(const RemoteCall&) = delete;

    std::uint64_t target = 0;
    std::uint32_t index = 0;

    /// The plugin's function has returned `status` without having ended the call.
    void returned(tenon_status status);

    void cancel() noexcept { _cancelled.store(true, std::memory_order_release); }
    void answered(tenon_status status, std::string_view text);

    [[nodiscard]] simdjson::dom::element arguments() const override { return _arguments->root(); }
    [[nodiscard]] CallOrigin origin() const override { return _origin; }
    [[nodiscard]] std::uint64_t deadlineMs() const override { return _deadlineMs; }

    tenon_status finish(std::string&& result, const ResultShape* shape) override;
    tenon_status fail(tenon_status status, std::string_view message) override;
    void inputPending() override { returned(TENON_INPUT_PENDING); }
    tenon_status progress(double done, double total, std::string_view message) override;
    tenon_status emit(std::string_view type, std::string_view dataJson) override;
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson) override;
    [[nodiscard]] bool isCancelled() const override;
    [[nodiscard]] bool clientHas(tenon_client_feature feature) const override;
    InputOutcome requestInput(std::string_view key, std::string_view request) override;
    tenon_status remember(std::string_view key, std::string_view value) override;
    bool recall(std::string_view key, std::string_view& value) override;
    tenon_status releaseStream(std::uint32_t retryMs) override;
    tenon_status beginTask() override;

private:
    struct Answer
    {
        tenon_status status;
        std::string text;
    };
    Answer ask(Question question, std::string_view key, std::string_view text);
    [[nodiscard]] tenon_status endStatus() const;

    // Constant after construction.
    FrameChannel& _channel;
    RemoteCalls& _calls;
    const std::uint64_t _id;
    const std::string _body; ///< the texts borrow it
    CallOrigin _origin;
    std::uint64_t _deadlineMs = 0, _features = 0;
    base::JsonDocumentPtr _arguments, _meta;
    const std::chrono::steady_clock::time_point _begin = std::chrono::steady_clock::now();

    std::atomic<bool> _cancelled{false};
    Memories _memories; ///< [call-thread]

    std::mutex _mutex; // guards:
    std::condition_variable _answerCame;
    bool _hasAnswer = false;
    Answer _answer{};
};

} // namespace tenon::plugin
