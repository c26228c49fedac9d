#include "app/ConfigCheck.h"

#include "app/log/Logging.h"
#include "base/settings/SettingsException.h"
#include "base/text/PemFile.h"
#include "base/text/Reason.h"
#include "guard/Gate.h"
#include "mcp/Services.h"
#include "net/Settings.h"
#include "net/io/TlsContext.h"
#include "net/mcp/SseProfile.h"
#include "net/route/GateAdmission.h"
#include "ops/Settings.h"
#include "ops/log/LogFile.h"
#include "plugin/config/LockFile.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/upstream/UpstreamConfig.h"
#include "store/Settings.h"
#if !defined(_WIN32)
#include "app/control/RunningServer.h"
#endif

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketDefs.h>
#include <Poco/Path.h>
#include <Poco/URI.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::app
{

namespace
{

/// Runs checks until they have nothing more to say.
class Checks
{
public:
    Checks(const base::SettingsPtr& settings, base::SettingFaults& faults) : _settings(settings), _faults(faults) {}

    /// Shape: what the check throws of its own is said to be of `key`; what names its key already stays as it is.
    void run(std::string_view key, const std::function<void(const base::Settings&)>& check)
    {
        // Each turn takes one value away.
        std::string before;
        for (std::string text = faultOf(key, check); !text.empty(); text = faultOf(key, check))
        {
            const std::string wrong = keyAtBeginningOf(text);
            const std::string why = text.substr(wrong.empty() ? 0 : _settings->at(wrong).size());
            if (why != before) // else one thing is missing to several keys
                _faults.addIfNew({wrong}, text);
            before = why;
            if (wrong.empty())
                return; // of a default: that stays
            _settings = _settings->without(wrong);
        }
    }

private:
    [[nodiscard]] std::string faultOf(std::string_view key, const std::function<void(const base::Settings&)>& check)
    {
        try
        {
            check(*_settings);
            return {};
        }
        catch (const base::SettingsException& exc)
        {
            return placed(exc.message());
        }
        catch (const Poco::Exception& exc)
        {
            const std::string text = placed(base::reasonOf(exc));
            return key.empty() || !keyAtBeginningOf(text).empty() ? text : _settings->at(key) + ' ' + text;
        }
    }

    /// A fault that begins with a key in quotes, with the place where that is set.
    [[nodiscard]] std::string placed(const std::string& text) const
    {
        const auto end = text.starts_with('\'') ? text.find('\'', 1) : std::string::npos;
        const std::string key = end == std::string::npos ? "" : text.substr(1, end - 1);
        return !key.empty() && _settings->isSet(key) ? _settings->at(key) + text.substr(end + 1) : text;
    }

    /// Of those that are set.
    [[nodiscard]] std::string keyAtBeginningOf(const std::string& text) const
    {
        for (const auto& [key, value] : _settings->under(""))
            if (text.starts_with(_settings->at(key)))
                return key;
        return {};
    }

    base::SettingsPtr _settings;
    base::SettingFaults& _faults;
};

/// The paths that are served, and by what.
class Paths
{
public:
    explicit Paths(const base::Settings& settings) : _settings(settings)
    {
        for (const char* path : {"/", "/health", "/ready", "/metrics", "/stats", "/broadcast"})
            _taken.emplace(path, Owner{"the server itself", {}});
    }

    void take(std::string_view key)
    {
        const std::string path = _settings.text(key);
        if (path.empty() || path.front() != '/')
            _settings.refuse(key, "must begin with '/', but is '" + path + "'");
        if (path.find_first_of("?#* \t\"\\") != std::string::npos)
            _settings.refuse(key, "must be a path alone, but is '" + path + "'");
        take(path, {"'" + std::string(key) + "'", std::string(key)});
    }

    struct Owner
    {
        std::string name;
        std::string key;     ///< by which it can be changed; empty: by none
        bool shares = false; ///< streams of several profiles may have one path: each tells its own events
    };

    void take(const std::string& path, const Owner& owner)
    {
        const auto [at, free] = _taken.emplace(path, owner);
        if (free || (owner.shares && at->second.shares))
            return;
        // Who set a path to one that has been somebody's by default hears it of what was set.
        const Owner &other = at->second, &one = owner;
        const bool blameOther = !_settings.isSet(one.key) && !other.key.empty();
        _settings.refuse(blameOther ? other.key : one.key,
                         "takes the path " + path + ", which belongs to " + (blameOther ? one.name : other.name));
    }

private:
    const base::Settings& _settings;
    std::map<std::string, Owner> _taken;
};

void checkPaths(const base::Settings& settings)
{
    Paths paths(settings);
    for (const char* key : {"http.mcpPath", "http.ssePath", "http.messagePath"})
        paths.take(key);
    for (const std::string& name : settings.list("sse.profiles"))
    {
        const auto& profile = net::requireSseProfile(name);
        const std::string owner = "the profile '" + name + "'";
        if (!profile.streamPath.empty())
            paths.take(std::string(profile.streamPath), {owner, "sse.profiles", true});
        for (const auto path : {profile.messagePath, profile.pollPath, profile.statsPath, profile.broadcastPath})
            if (!path.empty())
                paths.take(std::string(path), {owner, "sse.profiles"});
    }
}

void checkPublicUrl(const base::Settings& settings)
{
    const std::string text = settings.text("http.publicUrl");
    if (text.empty())
        return;
    bool usable = false;
    try
    {
        const Poco::URI url(text);
        usable = (url.getScheme() == "https" || url.getScheme() == "http") && !url.getHost().empty() &&
                 url.getQuery().empty() && url.getFragment().empty() && url.getUserInfo().empty();
    }
    catch (const Poco::SyntaxException&)
    {
        // Said below.
    }
    if (!usable)
        settings.refuse("http.publicUrl", "must be like https://mcp.example, but is '" + text + "'");
    if (const std::string endpoint = settings.text("http.mcpPath"); text.ends_with(endpoint))
        settings.refuse("http.publicUrl", "must not contain the endpoint's path, " + endpoint + ": write " +
                                              text.substr(0, text.size() - endpoint.size()));
}

/// That the address is one of this machine's, before anybody asks who can reach it. Names are looked up.
void checkHost(const base::Settings& settings)
{
    const std::string host = net::Settings::read(settings).host;
    try
    {
        const Poco::Net::SocketAddress address(host, 0);
    }
    catch (const Poco::Exception&)
    {
        const bool withPort = std::count(host.begin(), host.end(), ':') == 1 || host.find("]:") != std::string::npos;
        settings.refuse("http.host", "must be an address or a name of this machine, but is '" + host + "'" +
                                         (withPort ? "; the port goes into http.port" : ""));
    }
}

/// What OpenSSL would say in numbers.
void checkTlsFiles(const base::Settings& settings)
{
    const std::pair<const char*, std::string_view> files[] = {{"tls.certificate", base::PEM_CERTIFICATE},
                                                              {"tls.key", base::PEM_PRIVATE_KEY},
                                                              {"tls.clientAuthorities", base::PEM_CERTIFICATE}};
    for (const auto& [key, wanted] : files)
    {
        const std::string file = settings.text(key);
        if (const base::PemFile pem(file, wanted); !pem.fault.empty())
            settings.refuse(key, pem.fault + ": " + (pem.detail.empty() ? file : pem.detail));
    }
}

/// That a file can be made where the settings say.
void checkFolderOf(const base::Settings& settings, std::string_view key, const std::string& file)
{
    if (file.empty())
        return;
    const Poco::File folder(Poco::Path(file).makeParent());
    if (Poco::File(file).exists() && Poco::File(file).isDirectory())
        settings.refuse(key, "is a folder: " + file);
    if (!folder.exists() || !folder.isDirectory())
        settings.refuse(key, "is in a folder that does not exist: " + folder.path());
    if (Poco::File(file).exists() ? !Poco::File(file).canWrite() : !folder.canWrite())
        settings.refuse(key, "cannot be written: " + file);
}

/// A lock file that cannot be read refuses every plugin.
void checkLock(const base::Settings& settings)
{
    const std::string file = settings.text("plugins.lock");
    if (file.empty())
        return;
    try
    {
        (void)plugin::LockFile::read(file);
    }
    catch (const Poco::FileException& exc)
    {
        settings.refuse("plugins.lock", "cannot be read: " + file);
    }
    catch (const Poco::Exception& exc)
    {
        settings.refuse("plugins.lock", "is not a lock file: " + base::reasonOf(exc));
    }
}

} // namespace

void checkConfig(const base::SettingsPtr& settings, base::SettingFaults& faults)
{
    Checks checks(settings, faults);
    using base::Settings;
    checks.run("log.channel", [](const Settings& all) { checkLogging(all); });
    for (const auto& [file, rotation] :
         {std::pair("log.file", "log.rotation"), {"ops.accessLogFile", "ops.accessLogRotation"}})
    {
        checks.run(file, [key = file](const Settings& all) { checkFolderOf(all, key, all.text(key)); });
        checks.run(rotation,
                   [key = rotation](const Settings& all) { (void)ops::logFile("unused", all.text(key), "1"); });
    }
    checks.run("sse.profiles", [](const Settings& all) { checkPaths(all); });
    checks.run("http.publicUrl", [](const Settings& all) { checkPublicUrl(all); });
    checks.run("http.host", [](const Settings& all) { checkHost(all); });
    checks.run({}, [](const Settings& all) { guard::checkSettings(all, net::bindOf(net::Settings::read(all))); });
    checks.run("tls.enabled",
               [](const Settings& all)
               {
                   if (all.boolean("tls.enabled"))
                       checkTlsFiles(all);
                   if (const net::Settings http = net::Settings::read(all); http.tls)
                       const net::TlsContext context(http);
               });
    checks.run({}, [](const Settings& all) { (void)mcp::Options::read(all); });
    checks.run({}, [](const Settings& all) { (void)ops::Settings::read(all); });
    checks.run({}, [](const Settings& all) { checkFolderOf(all, "store", store::Settings::read(all).file); });
    checks.run("plugins.lock", [](const Settings& all) { checkLock(all); });
    for (const std::string& name : settings->namesUnder("plugin."))
        checks.run({}, [&name](const Settings& all) { (void)plugin::PluginConfig::read(all, name, 1); });
    for (const std::string& name : settings->namesUnder("upstream."))
        checks.run({},
                   [&name](const Settings& all)
                   {
                       if (!all.under("upstream." + name + '.').empty()) // all of it may be wrong, and gone
                           (void)plugin::UpstreamConfig::read(all, name, 0);
                   });
}

void refuseAddress(const base::Settings& settings, const Poco::Exception& why, const std::string& more)
{
    const std::string text = base::reasonOf(why);
    // An address that is not this machine's is the host's fault, one that is taken the port's.
    const bool foreign = why.code() == POCO_EADDRNOTAVAIL;
    const bool ofHost = foreign || (settings.isSet("http.host") && !settings.isSet("http.port"));
    settings.refuse(ofHost && settings.isSet("http.host") ? "http.host" : "http.port",
                    "cannot be used: " + text + more);
}

void checkAddress(const base::Settings& settings, [[maybe_unused]] const std::string& config)
{
    const net::Settings http = net::Settings::read(settings);
    if (http.port == 0)
        return;
    try
    {
        Poco::Net::ServerSocket socket;
        socket.bind(Poco::Net::SocketAddress(http.host, http.port), true, false);
        socket.listen(1);
    }
    catch ([[maybe_unused]] const Poco::IOException& exc)
    {
#if !defined(_WIN32) // there the service of these settings may have the port, and cannot be asked whose it is
        std::string who;
        for (const auto& server : runningServers(settings.text("control.directory")))
        {
            if (!config.empty() && server.member("config") == config)
                return; // these settings are in force there
            if (server.port() == http.port)
                who = "; another tenon listens there, process " + std::to_string(server.pid);
        }
        refuseAddress(settings, exc, who);
#endif
    }
}

} // namespace tenon::app
