#pragma once

#include "guard/jwt/Clock.h"
#include "guard/jwt/Fetcher.h"
#include "guard/jwt/KeySet.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::guard
{

/// Where keys come from.
///
/// Threading: any thread.
class KeySource
{
public:
    virtual ~KeySource() = default;

    /// Null if there are none yet.
    [[nodiscard]] virtual KeySetPtr keys() const = 0;

    /// Asks for a fresh look because a key is missing. True if one goes on or is about to; false if that cannot help:
    /// there is nothing to look at, or the last look was a moment ago.
    virtual bool refresh() { return false; }
};

/// Keys that do not change.
class FixedKeys : public KeySource
{
public:
    explicit FixedKeys(KeySetPtr keys) : _keys(std::move(keys)) {}
    [[nodiscard]] KeySetPtr keys() const override { return _keys; }

private:
    const KeySetPtr _keys;
};

/// Keys published on the web: fetched by a thread of their own, kept, fetched anew at intervals and when a token names
/// a key that is not among them. No request waits for the network.
///
/// If the source cannot be reached the keys stay in use, for a day at most.
class RemoteKeys : public KeySource
{
public:
    struct Options
    {
        std::string jwksUrl;              ///< empty: found through the issuers' metadata
        std::vector<std::string> issuers; ///< for that
        std::int64_t refreshMs = 300'000;
        std::vector<std::string> algorithms; ///< see KeySet::restrictTo
        bool operator==(const Options&) const = default;
    };

    /// Starts fetching. Ownership: `clock` outlives the object.
    RemoteKeys(Options options, std::shared_ptr<Fetcher> fetcher, const Clock& clock);
    ~RemoteKeys() override;

    [[nodiscard]] KeySetPtr keys() const override;
    bool refresh() override;
    [[nodiscard]] const Options& options() const { return _options; }

    /// Ends the thread; the keys stay as they are. Once more has no effect.
    void stop();

    /// One look, on the caller's thread.
    /// Errors: what the fetcher throws; Poco::DataFormatException. The keys stay as they were.
    void fetch();

private:
    void run();
    [[nodiscard]] std::string findJwksUrl(const std::string& issuer) const;

    const Options _options;
    const std::shared_ptr<Fetcher> _fetcher;
    const Clock& _clock;

    mutable std::mutex _mutex; // guards all below but the thread
    std::condition_variable _wake;
    KeySetPtr _keys;
    std::int64_t _goodAtMs = 0;
    std::int64_t _triedAtMs = 0;
    bool _wanted = false;
    bool _fetching = true; // the thread begins with it
    bool _stopping = false;

    std::thread _thread;
};

} // namespace tenon::guard
