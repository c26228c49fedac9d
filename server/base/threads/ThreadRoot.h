#pragma once

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::base
{

/// Runs `body` at the root of a thread: whatever it throws is logged and goes no further, since what leaves a thread's
/// function ends the process. Gives whether it returned by itself.
///
/// Shape: `what` names the thread's work in the log: "the sweeper".
template <typename Body>
bool threadRoot(std::string_view what, Body&& body) noexcept
{
    const auto report = [&](const auto& why) noexcept
    {
        try // from `why` on: even to say it takes memory
        {
            Poco::Logger::get("tenon.base").error(std::string(what) + " failed: " + why());
        }
        catch (...) // NOLINT: nothing is left to tell anybody with
        {
        }
    };
    try
    {
        body();
        return true;
    }
    catch (const Poco::Exception& exc)
    {
        report([&] { return exc.displayText(); });
    }
    catch (const std::exception& exc)
    {
        report([&] { return exc.what(); });
    }
    catch (...)
    {
        report([] { return "an exception of an unknown type"; });
    }
    return false;
}

/// As `threadRoot`, for work that others rely on: what failed begins anew after a pause, until it returns by itself.
template <typename Body>
void steadyThreadRoot(std::string_view what, Body&& body) noexcept
{
    constexpr std::chrono::milliseconds PAUSE{100};
    while (!threadRoot(what, body))
        std::this_thread::sleep_for(PAUSE);
}

} // namespace tenon::base
