#pragma once

#include "ops/live/LiveFeed.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <atomic>
#include <mutex>

namespace tenon::ops
{

/// The channel of all loggers: hands every message on, and shows it to a feed while somebody watches that.
///
/// Threading: any thread.
/// Ownership: shares the next channel; borrows the feed until `show(nullptr)` returns.
class LogTap : public Poco::Channel
{
public:
    explicit LogTap(Poco::AutoPtr<Poco::Channel> next) : _next(std::move(next)) {}

    void show(LiveFeed* feed);
    void log(const Poco::Message& message) override;

private:
    Poco::AutoPtr<Poco::Channel> _next; ///< constant
    std::atomic<bool> _shows{false};
    std::mutex _mutex; // guards `_feed`; held while it takes a message
    LiveFeed* _feed = nullptr;
};

} // namespace tenon::ops
