#pragma once

#include <tenon/codec.hpp>
#include <tenon/tenon.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <simdjson.h>
#include <string>
#include <vector>

namespace tenon::test
{

/// A host without a server: enough of the ABI to drive a plugin in a unit test, independent of the server's own.
///
/// Threading: one thread, but a call may be finished on another.
class MockHost
{
public:
    explicit MockHost(std::map<std::string, std::string> settings = {});

    const tenon_host* abi() const { return &_abi; }

    /// Makes the plugin of a TENON_PLUGIN body or of an entry's `create`. Null if it refused.
    template <class Create>
    tenon_plugin* make(Create create)
    {
        tenon_plugin* plugin = nullptr;
        lastStatus = create(abi(), &plugin);
        return plugin;
    }

    tenon_status lastStatus = TENON_OK;
    std::vector<std::string> logLines;
    std::vector<tenon_list_kind> changedLists;
    std::vector<std::string> updatedResources;
    std::set<std::string> missing; ///< extensions that this host pretends not to have

private:
    static const void* TENON_ABI extension(const tenon_host* host, const char* id);
    static void TENON_ABI log(const tenon_host* host, tenon_log_level level, tenon_text message);
    static tenon_text TENON_ABI getSetting(const tenon_host* host, tenon_text key);
    static bool TENON_ABI settingAt(const tenon_host* host, uint64_t index, tenon_text* key, tenon_text* value);
    static tenon_text TENON_ABI settingPaths(const tenon_host* host, tenon_text key);
    static void TENON_ABI listChanged(const tenon_host* host, tenon_list_kind list);
    static void TENON_ABI resourceUpdated(const tenon_host* host, tenon_text uri);

    std::map<std::string, std::string> _settings;
    std::string _paths;
    tenon_host _abi{};
    tenon_log_api _log{};
    tenon_settings_api _settingsApi{};
    tenon_notify_api _notify{};
};

/// One call, and what became of it.
class MockCall
{
public:
    explicit MockCall(const std::string& arguments = "{}");

    /// Another entry of the same call: what was written and asked is forgotten, answers and memory stay.
    void reenter();

    /// Sets `*flag` to false while a function of the host runs, and to true after it: to count what the plugin does.
    void quiet(bool& flag) { _counts = &flag; }

    /// Waits until the call has ended.
    void wait();

    tenon_call* abi() { return &_abi; }
    const tenon_value_api& values() const;

    std::string result; ///< the JSON that finished the call
    bool ended = false;
    tenon_status failure = TENON_OK;
    std::string message;
    int finishes = 0;
    bool cancelled = false;
    bool unsupported = false; ///< the client can be asked nothing
    int tasks = 0;
    uint32_t retryMs = 0;
    std::set<tenon_client_feature> features;
    std::map<std::string, std::string> answers; ///< by key, what the client answered
    std::map<std::string, std::string> asked;   ///< by key, the requests of the last entry
    std::map<std::string, std::string> memory;
    std::vector<std::string> progress; ///< "done/total message"
    std::vector<std::string> logs;     ///< "level logger data"

private:
    friend struct Functions;

    static MockCall& of(const tenon_call* call) { return *static_cast<MockCall*>(call->host_data); }
    tenon_value parse(std::string_view json);
    tenon_status end(std::string json);

    tenon_call _abi{};
    bool* _counts = nullptr;
    std::deque<simdjson::dom::parser> _parsers;
    std::deque<simdjson::dom::element> _elements;
    std::deque<std::string> _texts;
    JsonWriter _writer;
    std::mutex _mutex;
    std::condition_variable _hasEnded;
};

} // namespace tenon::test
