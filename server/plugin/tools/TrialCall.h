#pragma once

#include "plugin/call/CallBackend.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::plugin
{

/// A call by the author's tools. What it says along the way is dropped; forms that it shows are filled in with what they allow,
/// and pages are said to be opened. Nobody is there to sample or to name roots.
///
/// Threading: any thread.
class TrialCall final : public CallBackend
{
public:
    enum class End
    {
        NONE,    ///< not in time
        RESULT,  ///< `text` is the result's JSON
        FAILURE, ///< `text` is the message
        PENDING  ///< it waits for input of a client
    };

    explicit TrialCall(const std::string& arguments) : _arguments(base::JsonDocument::parse(arguments)) {}

    End wait(std::chrono::milliseconds timeout);
    /// What is wrong with what it asked; empty: nothing. After `wait`.
    [[nodiscard]] std::string questionFault() const;
    void cancel() { _cancelled.store(true, std::memory_order_release); }
    std::string text;               ///< after `wait`
    tenon_status status = TENON_OK; ///< of a FAILURE, after `wait`

    [[nodiscard]] simdjson::dom::element arguments() const override { return _arguments->root(); }

    tenon_status finish(std::string&& result, const ResultShape* shape) override;
    tenon_status fail(tenon_status status, std::string_view message) override;
    void inputPending() override;
    tenon_status progress(double, double, std::string_view) override { return TENON_OK; }
    tenon_status log(tenon_log_level, std::string_view, std::string_view) override { return TENON_OK; }
    [[nodiscard]] bool isCancelled() const override { return _cancelled.load(std::memory_order_acquire); }
    [[nodiscard]] bool clientHas(tenon_client_feature feature) const override;
    InputOutcome requestInput(std::string_view key, std::string_view request) override;
    tenon_status remember(std::string_view key, std::string_view value) override;
    bool recall(std::string_view key, std::string_view& value) override;
    tenon_status releaseStream(std::uint32_t) override { return TENON_OK; }
    tenon_status beginTask() override { return TENON_OK; }

private:
    static constexpr int MOST_QUESTIONS = 100;

    tenon_status end(End how, std::string_view what, tenon_status status = TENON_OK);
    InputOutcome refuse(const std::string& fault);

    const base::JsonDocumentPtr _arguments;
    std::atomic<bool> _cancelled{false};

    mutable std::mutex _mutex; // guards all below, and `text` until the end
    std::condition_variable _ended;
    End _end = End::NONE;
    std::map<std::string, std::string, std::less<>> _remembered;
    int _questions = 0;
    std::string _questionFault;
};

} // namespace tenon::plugin
