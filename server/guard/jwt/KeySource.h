#pragma once

#include "guard/jwt/Fetcher.h"
#include "guard/jwt/KeySet.h"
#include "guard/limits/Clock.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
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
    /// Shape: `issuer` is the only one (`iss`) whose tokens the keys verify; empty: those of all that are accepted.
    explicit KeySource(std::string issuer = {}) : _issuer(std::move(issuer)) {}
    virtual ~KeySource() = default;

    [[nodiscard]] bool serves(std::string_view issuer) const { return _issuer.empty() || _issuer == issuer; }

    /// Null if there are none yet.
    [[nodiscard]] virtual KeySetPtr keys() const = 0;

    /// Asks for a fresh look because a key is missing. True if one goes on or is about to; false if that cannot help:
    /// there is nothing to look at, or the last look was a moment ago.
    virtual bool refresh() { return false; }

private:
    const std::string _issuer;
};

/// Keys that do not change.
class FixedKeys : public KeySource
{
public:
    explicit FixedKeys(KeySetPtr keys, std::string issuer = {}) : KeySource(std::move(issuer)), _keys(std::move(keys))
    {
    }
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
        std::string jwksUrl; ///< empty: found through the issuer's metadata
        std::string issuer;  ///< whose tokens the keys verify; empty, with a URL: those of all
        std::int64_t refreshMs = 300'000;
        std::vector<std::string> algorithms; ///< see KeySet::restrictTo
        bool operator==(const Options&) const = default;
    };

    /// Starts fetching. Ownership: `clock` outlives the object.
    RemoteKeys(Options options, std::shared_ptr<Fetcher> fetcher, const Clock& clock);

    /// Waits for the thread: as long as the fetcher takes, unless `stopped()`.
    ~RemoteKeys() override;

    [[nodiscard]] KeySetPtr keys() const override;
    bool refresh() override;
    [[nodiscard]] const Options& options() const { return _options; }

    /// Asks the thread to end, and does not wait for it: the network may take its time. The keys stay as they are.
    void stop();

    /// Asks the thread to end and waits for it. Threading: one caller, no other use at the time.
    void end();

    /// The same, but waits until `until` at most; false if the thread has not ended by then.
    [[nodiscard]] bool stopsBy(std::chrono::steady_clock::time_point until);

    /// Whether the thread has ended: the destructor will not wait.
    [[nodiscard]] bool stopped() const;

    /// One look, on the caller's thread.
    /// Errors: what the fetcher throws; Poco::DataFormatException. The keys stay as they were.
    void fetch();

private:
    void run();
    [[nodiscard]] bool stopping() const;
    void look(bool unlessStopped);
    [[nodiscard]] std::string findJwksUrl(bool unlessStopped) const;

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
    bool _ended = false;

    std::thread _thread;
};

} // namespace tenon::guard
