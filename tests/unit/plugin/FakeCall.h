#pragma once

#include "base/limits/LargeTurn.h"
#include "plugin/call/CallBackend.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// A call whose client is the test: answers what it was given, keeps what it was told.
class FakeCall final : public CallBackend
{
public:
    explicit FakeCall(const std::string& arguments = "{}") : _arguments(base::JsonDocument::parse(arguments)) {}

    // Set before the call.
    std::string principal;
    std::uint64_t deadline = 0;
    std::map<std::string, std::string> answers; ///< of the client, by key
    bool wantsProgress = false;
    std::size_t most = std::numeric_limits<std::size_t>::max(); ///< that a result may have

    // What was told; read after the end.
    std::string result;
    bool inTurn = false; ///< of a large text, when `result` came
    tenon_status failure = TENON_OK;
    std::string failureMessage;
    std::vector<std::string> progressed, loggedLines;
    std::map<std::string, std::string> remembered;
    std::atomic<int> ends{0}; ///< this and the next: read at any time
    std::atomic<int> pendings{0};

    void cancel()
    {
        std::lock_guard lock(_mutex);
        _cancelled = true;
    }

    /// Waits for the end, or for `inputPending`; longer than a machine is slow that does much else.
    bool wait(std::chrono::milliseconds timeout = std::chrono::minutes(2))
    {
        std::unique_lock lock(_mutex);
        return _ended.wait_for(lock, timeout, [this] { return ends > 0 || pendings > 0; });
    }

    /// The text of the first content block.
    std::string text()
    {
        std::lock_guard lock(_mutex);
        if (result.empty())
            return {};
        const auto document = base::JsonDocument::parse(result);
        return std::string(std::string_view(document->root()["content"].at(0)["text"]));
    }

    simdjson::dom::element arguments() const override { return _arguments->root(); }
    CallOrigin origin() const override { return {principal, {}, {}, {}, {}, false, {}}; }
    std::uint64_t deadlineMs() const override { return deadline; }
    std::size_t maxResultBytes() const override { return most; }

    tenon_status finish(std::string&& text, const ResultShape* shape) override
    {
        std::lock_guard lock(_mutex);
        inTurn = !base::LargeTurn(base::LargeTurn::LARGE).taken();
        if (!shape)
        {
            try
            {
                if (!base::JsonDocument::parse(text)->root().is_object())
                    return TENON_ERROR_INVALID;
            }
            catch (const std::exception&)
            {
                return TENON_ERROR_INVALID;
            }
        }
        result = text;
        return end();
    }

    tenon_status fail(tenon_status status, std::string_view message) override
    {
        std::lock_guard lock(_mutex);
        failure = status;
        failureMessage = message;
        return end();
    }

    void inputPending() override
    {
        std::lock_guard lock(_mutex);
        ++pendings;
        _ended.notify_all();
    }

    tenon_status progress(double done, double total, std::string_view message) override
    {
        std::lock_guard lock(_mutex);
        std::ostringstream line;
        line << done << '/' << total << ' ' << message;
        progressed.push_back(line.str());
        return TENON_OK;
    }

    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson) override
    {
        std::lock_guard lock(_mutex);
        loggedLines.push_back(std::to_string(level) + " " + std::string(logger) + " " + std::string(dataJson));
        return TENON_OK;
    }

    bool isCancelled() const override
    {
        std::lock_guard lock(_mutex);
        return _cancelled;
    }

    bool clientHas(tenon_client_feature feature) const override
    {
        return feature == TENON_CLIENT_PROGRESS && wantsProgress;
    }

    InputOutcome requestInput(std::string_view key, std::string_view) override
    {
        std::lock_guard lock(_mutex);
        const auto found = answers.find(std::string(key));
        if (found == answers.end())
            return {};
        return {TENON_OK, base::JsonDocument::parse(found->second)};
    }

    tenon_status remember(std::string_view key, std::string_view value) override
    {
        std::lock_guard lock(_mutex);
        remembered[std::string(key)] = value;
        return TENON_OK;
    }

    bool recall(std::string_view key, std::string_view& value) override
    {
        std::lock_guard lock(_mutex);
        const auto found = remembered.find(std::string(key));
        if (found == remembered.end())
            return false;
        value = found->second;
        return true;
    }

    tenon_status releaseStream(std::uint32_t) override { return TENON_OK; }
    tenon_status beginTask() override { return TENON_ERROR_UNSUPPORTED; }

private:
    tenon_status end()
    {
        ++ends;
        _ended.notify_all();
        return ends == 1 ? TENON_OK : TENON_ERROR_STATE;
    }

    const base::JsonDocumentPtr _arguments;
    mutable std::mutex _mutex;
    std::condition_variable _ended;
    bool _cancelled = false;
};

} // namespace tenon::plugin
