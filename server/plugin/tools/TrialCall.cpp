#include "plugin/tools/TrialCall.h"

#include <Poco/Exception.h>

#include <iostream>

namespace tenon::plugin
{

TrialCall::End TrialCall::wait(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(_mutex);
    _ended.wait_for(lock, timeout, [this] { return _end != End::NONE; });
    return _end;
}

tenon_status TrialCall::end(End how, std::string_view what)
{
    std::lock_guard lock(_mutex);
    if (_end != End::NONE)
        return TENON_ERROR_STATE;
    _end = how;
    text = what;
    _ended.notify_all();
    return TENON_OK;
}

tenon_status TrialCall::finish(std::string&& result, bool)
{
    try
    {
        if (!base::JsonDocument::parse(result)->root().is_object())
            return TENON_ERROR_INVALID;
    }
    catch (const Poco::DataFormatException&)
    {
        return TENON_ERROR_INVALID;
    }
    return end(End::RESULT, result);
}

tenon_status TrialCall::fail(tenon_status status, std::string_view message)
{
    return end(End::FAILURE,
               message.empty() ? "it failed with status " + std::to_string(status) : std::string(message));
}

void TrialCall::inputPending()
{
    end(End::PENDING, "it waits for input of a client");
}

tenon_status TrialCall::progress(double done, double total, std::string_view message)
{
    if (_prints)
        std::cerr << "progress " << done << "/" << total << " " << message << std::endl;
    return TENON_OK;
}

tenon_status TrialCall::log(tenon_log_level level, std::string_view logger, std::string_view dataJson)
{
    if (_prints)
        std::cerr << "log " << level << " " << logger << " " << dataJson << std::endl;
    return TENON_OK;
}

bool TrialCall::clientHas(tenon_client_feature feature) const
{
    return feature == TENON_CLIENT_PROGRESS;
}

tenon_status TrialCall::remember(std::string_view key, std::string_view value)
{
    std::lock_guard lock(_mutex);
    _remembered.insert_or_assign(std::string(key), std::string(value));
    return TENON_OK;
}

bool TrialCall::recall(std::string_view key, std::string_view& value)
{
    std::lock_guard lock(_mutex);
    const auto known = _remembered.find(key);
    if (known == _remembered.end())
        return false;
    value = known->second;
    return true;
}

} // namespace tenon::plugin
