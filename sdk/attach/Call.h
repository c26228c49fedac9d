#pragma once

#include "Connection.h"
#include "JsonTree.h"
#include "ResultText.h"

#include "plugin/call/Memories.h"

#include <tenon/tenon.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <forward_list>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::attach
{

/// One call of the server inside the program: the `tenon_call` that the plugin's functions get.
///
/// Threading: as `tenon_call_api` says.
/// Ownership: keeps itself from `make` until it has ended.
class Call
{
public:
    /// Null if the frame is no call.
    [[nodiscard]] static std::shared_ptr<Call> make(std::shared_ptr<Connection> connection, const plugin::Frame& frame);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    [[nodiscard]] static Call& of(const tenon_call* call) { return *static_cast<Call*>(call->host_data); }
    [[nodiscard]] tenon_call* abi() { return &_abi; }
    [[nodiscard]] std::uint64_t target() const { return _target; }
    [[nodiscard]] std::uint32_t index() const { return _index; }

    /// It waited for its thread and is entered now: false if nobody wants it any more, and it is over.
    [[nodiscard]] bool taken(bool tellServer);

    /// The plugin's function has returned `status`.
    void returned(tenon_status status);

    void cancel() { _cancelled.store(true, std::memory_order_release); }
    void answered(tenon_status status, std::string_view text);

    // What the ABI's functions do.
    tenon_status finish(std::string_view result);
    tenon_status finishWritten();
    tenon_status fail(tenon_status status, std::string_view message);
    tenon_status progress(double done, double total, std::string_view message);
    tenon_status emit(std::string_view type, std::string_view data);
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view data);
    [[nodiscard]] bool isCancelled() const;
    [[nodiscard]] bool clientHas(tenon_client_feature feature) const;
    tenon_status requestInput(std::string_view key, std::string_view request, tenon_value* answer);
    tenon_status remember(std::string_view key, std::string_view value);
    bool recall(std::string_view key, std::string_view& value);
    tenon_status releaseStream(std::uint32_t retryMs);
    tenon_status beginTask();
    [[nodiscard]] tenon_value parse(std::string_view text);
    [[nodiscard]] ResultText& writer() { return _writer; }

private:
    struct Answer
    {
        tenon_status status = TENON_ERROR_CANCELLED;
        std::string text;
    };

    Call(std::shared_ptr<Connection> connection, const plugin::Frame& frame) noexcept(false);
    [[nodiscard]] bool read();
    [[nodiscard]] std::shared_ptr<Call> beginEnd();
    tenon_status refused(tenon_status why);
    void leftOpen();
    void endRefused();
    [[nodiscard]] bool hasEnded() const { return _ended.load(std::memory_order_acquire); }
    Answer ask(plugin::Question question, std::string_view key, std::string_view text);
    void send(plugin::FrameType type, std::string_view body);

    // Constant once it is read.
    const std::shared_ptr<Connection> _connection;
    const std::uint64_t _id;
    const std::string _body; ///< the texts of `_abi` borrow it
    tenon_call _abi{};
    std::uint64_t _target = 0, _features = 0;
    std::uint32_t _index = 0;
    std::unique_ptr<JsonTree> _arguments, _meta;
    const std::chrono::steady_clock::time_point _begin = std::chrono::steady_clock::now();

    std::atomic<bool> _cancelled{false}, _ended{false};
    std::atomic<bool> _endedForProgram{false}; ///< the server has been told, and the program has still to end the call
    std::shared_ptr<Call> _self;               ///< until it ends; taken by whoever ends it

    // Of the thread that runs the call.
    ResultText _writer;
    plugin::Memories _memories;
    std::forward_list<std::unique_ptr<JsonTree>> _documents;

    std::mutex _mutex; // guards:
    std::condition_variable _answerCame;
    bool _hasAnswer = false;
    Answer _answer;
    bool _leftOpen = false; ///< the function has returned TENON_ASYNC
    Answer _refusal;        ///< of the first end that was refused; no text: none was
};

/// `tenon.writer/1`.
[[nodiscard]] const tenon_writer_api& writerApi();

} // namespace tenon::attach
