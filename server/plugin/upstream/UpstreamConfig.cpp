#include "plugin/upstream/UpstreamConfig.h"

#include "base/text/Base64.h"
#include "base/text/LogLevels.h"
#include "base/text/Reason.h"
#include "client/Revision.h"
#include "client/http/HttpConnections.h"
#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <Poco/Path.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

// What would do nothing is refused. Those of a sandbox are looked at with it.
const std::vector<std::string_view> ONLY_WITH_URL{"auth", "auth.", "headers.", "sse", "authorities"};
const std::vector<std::string_view> ONLY_WITH_COMMAND{"args", "cwd", "env.", "limits."};

/// Reads the keys of one server.
class Reader
{
public:
    Reader(const base::Settings& settings, const std::string& name) : _settings(settings), _at("upstream." + name + ".")
    {
    }

    [[nodiscard]] std::string key(const std::string& key) const { return _at + key; }

    /// A text in which `${NAME}` stands for a variable of the server's environment: secrets need not stand in the file.
    [[nodiscard]] std::string text(const std::string& key) const { return expanded(key, _settings.text(_at + key)); }

    [[nodiscard]] std::string expanded(const std::string& key, std::string_view text) const
    {
        std::string all;
        while (true)
        {
            const auto begin = text.find("${");
            if (begin == std::string_view::npos)
                return all.append(text);
            const auto end = text.find('}', begin);
            if (end == std::string_view::npos)
                _settings.refuse(_at + key, "has a ${ without its }");
            all.append(text.substr(0, begin));
            const std::string name(text.substr(begin + 2, end - begin - 2));
            const std::string value = client::processEnvironment(name.c_str());
            if (value.empty())
                _settings.refuse(_at + key, "needs the environment variable " + name + ", which is not set");
            all += value;
            text.remove_prefix(end + 1);
        }
    }

    /// The words of a command line: blanks separate them, but for those in quotes.
    [[nodiscard]] std::vector<std::string> words(const std::string& key) const
    {
        std::vector<std::string> words;
        std::string word;
        bool begun = false;
        char quote = 0;
        for (const char byte : _settings.text(_at + key))
        {
            const bool blank = byte == ' ' || byte == '\t';
            if (quote == 0 && (byte == '"' || byte == '\''))
            {
                quote = byte;
                begun = true;
            }
            else if (byte == quote)
                quote = 0;
            else if (quote == 0 && blank && begun)
            {
                words.push_back(std::exchange(word, {}));
                begun = false;
            }
            else if (quote != 0 || !blank)
            {
                word += byte;
                begun = true;
            }
        }
        if (quote != 0)
            _settings.refuse(_at + key, "has an unclosed quote");
        if (begun)
            words.push_back(word);
        for (auto& one : words)
            one = expanded(key, one);
        return words;
    }

    void readTarget(UpstreamConfig& config) const
    {
        const bool command = _settings.isSet(key("command")), url = _settings.isSet(key("url"));
        if (command && url)
            _settings.refuse(key("url"), "cannot be combined with a command: a server has one or the other");
        if (!command && !url)
            _settings.refuse(_at + _settings.under(_at).begin()->first,
                             "belongs to a server without " + key("command") + " or " + key("url"));
        config.stdio = command;
        for (const auto& [name, value] : _settings.under(_at))
            for (const std::string_view other : command ? ONLY_WITH_URL : ONLY_WITH_COMMAND)
                if (name == other || (other.ends_with('.') && name.starts_with(other)))
                    _settings.refuse(key(name),
                                     command ? "is for servers with a url" : "is for servers with a command");
        command ? readCommand(config) : readUrl(config);
    }

    void readAuth(UpstreamConfig& config) const
    {
        if (const std::string bearer = text("auth.bearer"); !bearer.empty())
            config.headers.emplace_back("Authorization", "Bearer " + bearer);
        if (const std::string user = text("auth.user"); !user.empty())
            config.headers.emplace_back("Authorization", "Basic " + base::toBase64(user + ':' + text("auth.password")));
        const std::string id = text("auth.clientId");
        if (id.empty())
            return;
        client::AuthOptions login;
        login.grant = client::AuthOptions::Grant::CLIENT;
        login.clientId = id;
        login.clientSecret = text("auth.clientSecret");
        login.scope = text("auth.scope");
        config.login = std::move(login);
    }

    void readTls(UpstreamConfig& config) const
    {
        config.authorities = _settings.text(key("authorities"));
        config.certificate = _settings.text(key("auth.certificate"));
        config.key = _settings.text(key("auth.key"));
        if (!config.key.empty() && config.certificate.empty())
            _settings.refuse(key("auth.key"), "needs " + key("auth.certificate"));
        const char* set = !config.certificate.empty() ? "auth.certificate" : "authorities";
        if (!_settings.isSet(key(set)))
            return;
        const std::string scheme = config.target.url.getScheme();
        if (config.stdio || (scheme != "https" && scheme != "wss"))
            _settings.refuse(key(set), "is for servers with an https or wss url");
        try
        {
            client::HttpOptions options;
            options.authorities = config.authorities;
            options.certificate = config.certificate;
            options.key = config.key;
            client::HttpConnections(options).checkTls();
        }
        catch (const Poco::Exception& exc)
        {
            _settings.refuse(key(set), "cannot be used: " + base::reasonOf(exc));
        }
    }

    /// Errors: SettingsException where a token would be of no use, or of use to others.
    void readForward(UpstreamConfig& config) const
    {
        config.forwardTo = _settings.text(key("auth.audience"));
        if ((_settings.text(key("auth")) == "forward") != !config.forwardTo.empty())
            _settings.refuse(key("auth"), "= forward and auth.audience go together: a caller's token is passed on only "
                                          "if it was issued for that audience");
        if (config.forwardTo.empty())
            return;
        const auto types = _settings.list("auth.type");
        if (config.stdio)
            _settings.refuse(key("auth"), "= forward is for servers with a url");
        if (config.target.url.getScheme() != "https" && !client::isLoopbackHost(config.target.url.getHost()))
            _settings.refuse(key("auth"), "= forward needs https: whoever reads the token can use it");
        if (std::none_of(types.begin(), types.end(), [](const auto& type) { return type == "jwt" || type == "oauth"; }))
            _settings.refuse(key("auth"), "= forward needs auth.type jwt or oauth: no other token says who may see it");
        if (_settings.isSet(key("sessions")) && config.sessions == UpstreamConfig::Sessions::SHARED)
            _settings.refuse(key("sessions"), "= shared cannot go with auth = forward: each caller has a session of "
                                              "its own");
        config.sessions = UpstreamConfig::Sessions::EACH;
    }

private:
    void readCommand(UpstreamConfig& config) const
    {
        auto all = words("command");
        if (all.empty())
            _settings.refuse(key("command"), "names no program");
        for (const auto& argument : _settings.list(key("args")))
            all.push_back(expanded("args", argument));
        config.target = client::Target::ofCommand(all.front(), {all.begin() + 1, all.end()});
        config.target.command.folder = _settings.text(key("cwd"));
        for (auto& [name, value] : config.offer.environment)
            value = expanded("env." + name, value);
    }

    void readUrl(UpstreamConfig& config) const
    {
        try
        {
            config.target = client::Target::ofUrl(text("url"));
        }
        catch (const Poco::Exception& exc)
        {
            _settings.refuse(key("url"), "is not a URL: " + exc.message());
        }
        if (_settings.boolean(key("sse")))
            config.target.kind = client::Target::Kind::SSE;
        for (const auto& [name, value] : _settings.under(key("headers.")))
            config.headers.emplace_back(name, expanded("headers." + name, value));
        if (config.offer.sandbox.enabled)
            _settings.refuse(key("url"), "cannot be confined: a sandbox is for servers that are started by a command");
    }

    const base::Settings& _settings;
    const std::string _at;
};

std::vector<std::string> absolute(std::vector<std::string> paths)
{
    for (auto& path : paths)
        path = Poco::Path(path).makeAbsolute().toString();
    return paths;
}

} // namespace

UpstreamConfig UpstreamConfig::read(const base::Settings& settings, const std::string& name,
                                    std::size_t defaultMaxConcurrent)
{
    const Reader reader(settings, name);
    UpstreamConfig config;
    try
    {
        config.offer = PluginConfig::readOffered(settings, "upstream." + name + ".", name, defaultMaxConcurrent);
    }
    catch (const Poco::DataFormatException& exc)
    {
        settings.refuse(reader.key("tool"), exc.message());
    }
    const auto milliseconds = [&](const char* key)
    { return std::chrono::milliseconds(settings.integer(reader.key(key))); };
    if (!config.offer.enabled)
        return config;
    reader.readTarget(config);
    reader.readAuth(config);
    reader.readTls(config);
    config.revision = settings.text(reader.key("revision"));
    if (!config.revision.empty() && !client::isKnownRevision(config.revision))
        settings.refuse(reader.key("revision"), "is not a revision of the protocol");
    config.sessions = settings.text(reader.key("sessions")) == "each" ? Sessions::EACH : Sessions::SHARED;
    reader.readForward(config);
    config.maxSessions = static_cast<std::size_t>(settings.integer(reader.key("maxSessions")));
    config.idle = milliseconds("idleMs");
    config.start = milliseconds("startMs");
    config.answer = milliseconds("answerMs");
    config.healthMs = static_cast<int>(settings.integer("client.healthMs"));
    config.logLevel = settings.text(reader.key("logLevel"));
    if (config.logLevel == "none")
        config.logLevel.clear();
    const auto roots = settings.list(reader.key("roots"));
    config.rootsOfClient = roots == std::vector<std::string>{"client"};
    if (!config.rootsOfClient && roots != std::vector<std::string>{"none"})
        config.roots = absolute(roots);
    config.pins = settings.text(reader.key("pins"));
    return config;
}

std::string UpstreamConfig::fingerprint(const base::Settings& settings, const std::string& name)
{
    std::string all = std::to_string(settings.integer("client.healthMs"));
    for (const auto& [key, value] : settings.under("upstream." + name + "."))
        all += '\n' + key + '=' + value;
    return all;
}

std::vector<base::SettingSpec> upstreamSettings()
{
    using enum base::SettingType;
    return {
        {"client.healthMs", DURATION, "0", "0..86400000",
         "How often to check that a server behind this one still answers; 0: never", true},
        {"upstream.*.enabled", BOOLEAN, "true", "", "Whether the server is used", true},
        {"upstream.*.command", TEXT, "", "",
         "The program that is the server, with its arguments; quotes keep blanks. ${NAME} is a variable of the "
         "environment here, in args, env, headers, url and auth",
         true},
        {"upstream.*.args", LIST, "", "", "Further arguments, comma-separated", true},
        {"upstream.*.cwd", PATH, "", "", "The folder to start it in; empty: that of Tenon", true},
        {"upstream.*.env.*", TEXT, "", "",
         "A variable of its environment, which has PATH, HOME, LANG, TZ and TMPDIR of Tenon's and nothing else", true},
        {"upstream.*.url", TEXT, "", "", "Where the server is, instead of a command", true},
        {"upstream.*.sse", BOOLEAN, "false", "", "It speaks HTTP+SSE (found out otherwise)", true},
        {"upstream.*.headers.*", TEXT, "", "", "A header of every request to it", true},
        {"upstream.*.auth", CHOICE, "own", "own|forward",
         "forward: a call carries its caller's own token, if that is a JWT that was also issued for auth.audience; the "
         "other auth.* settings let Tenon read the lists",
         true},
        {"upstream.*.auth.audience", TEXT, "", "", "With auth = forward: the audience (aud) of the server", true},
        {"upstream.*.auth.bearer", TEXT, "", "", "A token that lets Tenon in", true},
        {"upstream.*.auth.user", TEXT, "", "", "A user name that lets Tenon in", true},
        {"upstream.*.auth.password", TEXT, "", "", "The password of auth.user", true},
        {"upstream.*.auth.clientId", TEXT, "", "",
         "Tenon gets its tokens by OAuth with this id and auth.clientSecret (client credentials)", true},
        {"upstream.*.auth.clientSecret", TEXT, "", "", "See auth.clientId", true},
        {"upstream.*.auth.certificate", PATH, "", "",
         "PEM file of a certificate and its chain, shown to a server that asks for one", true},
        {"upstream.*.auth.key", PATH, "", "",
         "PEM file of its private key, not encrypted; empty: it is in auth.certificate", true},
        {"upstream.*.auth.scope", TEXT, "", "", "Scopes to ask for beside those that the server names", true},
        {"upstream.*.authorities", PATH, "", "", "Certificates to trust instead of the system's (PEM)", true},
        {"upstream.*.revision", TEXT, "", "", "Speak this revision of the protocol; empty: what both know", true},
        {"upstream.*.prefix", TEXT, "", "", "Put before the names of its tools and prompts", true},
        {"upstream.*.tools", LIST, "*", "", "Globs of the tools that are offered, by the server's own names", true},
        {"upstream.*.tools.deny", LIST, "", "", "Globs of the tools that are not offered", true},
        {"upstream.*.tool.**", TEXT, "", "",
         "<tool>.title, .description, .annotations.<name>, .timeoutMs, .maxConcurrent: instead of what the server says",
         true},
        {"upstream.*.timeoutMs", INTEGER, "0", "0..86400000", "Deadline of its calls; 0: none", true},
        {"upstream.*.maxConcurrent", INTEGER, "64", "1..100000", "Calls that it gets at once", true},
        {"upstream.*.sessions", CHOICE, "shared", "shared|each",
         "shared: one session for everybody; each: one for each session of a client, or else for each principal, for "
         "servers that keep state or ask questions",
         true},
        {"upstream.*.maxSessions", INTEGER, "64", "1..10000", "Sessions of each that may be open at once", true},
        {"upstream.*.idleMs", DURATION, "300000", "0..86400000",
         "How long a session may be unused before it, and the program, ends; the next call starts another; 0: for ever",
         true},
        {"upstream.*.startMs", DURATION, "30000", "100..600000", "How long a session may take to open", true},
        {"upstream.*.answerMs", DURATION, "600000", "1000..86400000",
         "How long a client may take to answer what the server asks", true},
        {"upstream.*.logLevel", CHOICE, "info", "none|debug|info|notice|warning|error|critical|alert|emergency",
         "The level that the server is asked to log at", true},
        {"upstream.*.roots", LIST, "client", "",
         "What the server is told when it asks for roots: client (those of the caller), none, or folders", true},
        {"upstream.*.pins", PATH, "", "",
         "File with the digests of its tools, made when it is not there: what differs is refused until the file is "
         "changed or removed",
         true},
        {"upstream.*.maxCrashes", INTEGER, "5", "1..1000", "Crashes within crashWindowMs after which it stays down",
         true},
        {"upstream.*.crashWindowMs", INTEGER, "60000", "1000..86400000", "See maxCrashes", true},
        {"upstream.*.limits.memoryMb", INTEGER, "0", "0..1048576", "Address space of the program; 0: unlimited", true},
        {"upstream.*.limits.residentMb", INTEGER, "0", "0..1048576",
         "Memory that the program and its children may hold in RAM; beyond that it is killed; 0: unlimited", true},
        {"upstream.*.limits.cpuSeconds", INTEGER, "0", "0..1000000000", "Processor time of the program; 0: unlimited",
         true},
        {"upstream.*.limits.descriptors", INTEGER, "0", "0..1048576", "Open files of the program; 0: unlimited", true},
        {"upstream.*.limits.processes", INTEGER, "0", "0..1048576",
         "Processes and threads of the program's user; 0: unlimited", true},
        {"upstream.*.sandbox.read", PATHS, "", "",
         "Files and folders the program may read and run; setting any sandbox key confines it", true},
        {"upstream.*.sandbox.write", PATHS, "", "", "Files and folders the program may read and write", true},
        {"upstream.*.sandbox.network", BOOLEAN, "false", "", "Whether a confined program may open sockets", true},
    };
}

} // namespace tenon::plugin
