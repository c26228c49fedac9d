#include "app/client/ServerConnection.h"

#include "app/client/ServerConfigs.h"
#include "base/text/Base64.h"
#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/NumberParser.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>
#include <Poco/Util/OptionException.h>

namespace tenon::app
{

namespace
{

using Poco::Util::InvalidArgumentException;
using Poco::Util::MissingArgumentException;

/// A secret may stand in a file, so that no list of processes shows it: @FILE.
std::string secret(const std::string& text)
{
    if (!text.starts_with('@'))
        return text;
    Poco::FileInputStream in(text.substr(1));
    std::string read;
    Poco::StreamCopier::copyToString(in, read);
    while (read.ends_with('\n') || read.ends_with('\r'))
        read.pop_back();
    return read;
}

std::pair<std::string, std::string> splitAt(const std::string& text, char mark, const char* option)
{
    const auto at = text.find(mark);
    if (at == std::string::npos || at == 0)
        throw InvalidArgumentException(std::string(option) + ": \"" + text + "\" has no '" + mark + "'");
    std::string value = text.substr(at + 1);
    while (mark == ':' && value.starts_with(' '))
        value.erase(0, 1);
    return {text.substr(0, at), value};
}

bool looksLikeUrl(const std::string& word)
{
    if (word.find("://") != std::string::npos)
        return true;
    const std::string host = word.substr(0, word.find_first_of(":/"));
    return client::isLoopbackHost(host) || (word.find(':') != std::string::npos && word.find('/') != std::string::npos);
}

ConfiguredServer configured(const std::string& name)
{
    std::string known;
    for (ConfiguredServer& server : configuredServers())
    {
        if (server.name == name)
        {
            if (!server.fault.empty())
                throw InvalidArgumentException(name + " in " + server.file + " cannot be used here: " + server.fault);
            return std::move(server);
        }
        known += (known.empty() ? "" : ", ") + server.name;
    }
    throw InvalidArgumentException("\"" + name + "\" is neither a URL nor a server in a client's configuration" +
                                   (known.empty() ? "; none was found" : "; there are " + known));
}

/// What is to be said when a server asks. Errors: InvalidArgumentException.
UserAtTerminal::Prepared preparedBy(const Arguments& arguments)
{
    UserAtTerminal::Prepared prepared;
    prepared.roots = arguments.texts("root");
    if (arguments.has("answer"))
        prepared.form = arguments.text("answer");
    if (!arguments.has("answers"))
        return prepared;
    try
    {
        const auto document = base::JsonDocument::parse(arguments.text("answers"));
        simdjson::dom::array list;
        if (document->root().is_object())
            prepared.form = base::toJson(document->root());
        else if (document->root().get(list))
            throw Poco::DataFormatException("they are neither an object nor an array");
        else
            for (const auto& one : list)
                prepared.answers.push_back(base::toJson(one));
        prepared.inTurn = !prepared.form;
    }
    catch (const Poco::Exception& exc)
    {
        throw InvalidArgumentException("the answers cannot be used: " + exc.message());
    }
    return prepared;
}

client::AuthOptions authOptions(const Arguments& arguments)
{
    client::AuthOptions options;
    options.clientId = arguments.text("client-id");
    options.clientSecret = secret(arguments.text("client-secret"));
    options.clientMetadataUrl = arguments.text("client-metadata");
    options.scope = arguments.text("scope");
    if (const std::string key = arguments.text("key"); !key.empty())
        options.privateKey = secret('@' + key);
    // A secret or a key is a program's own; a user's login needs neither.
    if (!options.clientSecret.empty() || !options.privateKey.empty())
        options.grant = client::AuthOptions::Grant::CLIENT;
    return options;
}

} // namespace

/// Shows the wire on standard error.
class ServerConnection::WireTrace : public client::Trace
{
public:
    explicit WireTrace(Console& console) : _console(console) {}
    void line(char direction, std::string_view text) override
    {
        _console.note(std::string(1, direction) + ' ' + std::string(text));
    }

private:
    Console& _console;
};

std::vector<Poco::Util::Option> credentialOptions()
{
    return {option("token", "send this bearer token; @FILE reads it from a file", "TOKEN"),
            option("user", "send this user and password; @FILE reads them from a file", "NAME:PASSWORD"),
            option("header", "send this header; may be given several times", "NAME:VALUE"),
            option("client-id", "log in as this client", "ID"),
            option("client-secret", "with this secret, without a user; @FILE reads it from a file", "SECRET"),
            option("key", "with this private key (PEM), without a user", "FILE"),
            option("client-metadata", "log in as the client described by this document", "URL"),
            option("scope", "request these scopes as well", "SCOPES"),
            option("browser", "open login pages with this program; none: only print them", "PROGRAM"),
            option("cacert", "trust the certificates in this file instead of the system's", "FILE"),
            option("client-certificate", "show this certificate (PEM) to servers that ask for one", "FILE"),
            option("client-key", "its private key (PEM), if that is in a separate file", "FILE"),
            option("quiet", "print only errors on standard error", {}, "q"),
            option("trace", "trace every message on standard error, without secrets")};
}

std::vector<Poco::Util::Option> connectionOptions()
{
    std::vector<Poco::Util::Option> all = credentialOptions();
    for (auto& one :
         {option("env", "set an environment variable of the program; may be given several times", "NAME=VALUE"),
          option("cwd", "start the program in this folder", "FOLDER"),
          option("root", "tell the server about this folder; may be given several times", "FOLDER"),
          option("answer", "fill in forms from this JSON object, then from their defaults", "JSON"),
          option("stderr", "show what the program writes to standard error"),
          option("revision", "speak this revision of the protocol", "DATE"), option("sse", "speak HTTP+SSE"),
          option("timeout", "how long to wait for an answer; default: 60", "SECONDS"),
          option("output", "text, json or ndjson; default: text", "FORM")})
        all.push_back(one);
    return all;
}

OutputForm ServerConnection::formOf(const Arguments& arguments)
{
    const std::string form = arguments.text("output", "text");
    if (form == "text")
        return OutputForm::TEXT;
    if (form == "json")
        return OutputForm::JSON;
    if (form == "ndjson")
        return OutputForm::NDJSON;
    throw InvalidArgumentException("--output: " + form + " is not one of text, json, ndjson");
}

ServerConnection::ServerConnection(const Arguments& arguments, Login login)
    : _console(formOf(arguments), arguments.has("quiet")), _words(arguments.rest),
      _trace(arguments.has("trace") ? std::make_unique<WireTrace>(_console) : nullptr),
      _user(_console, preparedBy(arguments)), _browser(arguments.text("browser"))
{
    client::ClientOptions options;
    client::FixedCredentials::Headers headers;
    if (!arguments.behind.empty())
        options.target =
            client::Target::ofCommand(arguments.behind.front(), {arguments.behind.begin() + 1, arguments.behind.end()});
    else if (_words.empty())
        throw MissingArgumentException("a server: a URL, the name of one in a client's configuration, or -- COMMAND");
    else
    {
        const std::string word = _words.front();
        _words.erase(_words.begin());
        if (looksLikeUrl(word))
            options.target = client::Target::ofUrl(word);
        else
        {
            ConfiguredServer server = configured(word);
            options.target = std::move(server.target);
            headers = std::move(server.headers);
        }
    }
    if (arguments.has("sse") && options.target.kind == client::Target::Kind::HTTP)
        options.target.kind = client::Target::Kind::SSE;
    for (const std::string& variable : arguments.texts("env"))
    {
        const auto [name, value] = splitAt(variable, '=', "--env");
        options.target.command.environment[name] = value;
    }
    if (arguments.has("cwd"))
        options.target.command.folder = arguments.text("cwd");
    double seconds = 60;
    if (arguments.has("timeout") &&
        (!Poco::NumberParser::tryParseFloat(arguments.text("timeout"), seconds) || seconds <= 0 || seconds > 86400))
        throw InvalidArgumentException("--timeout: " + arguments.text("timeout") + " is not a number of seconds");
    _timeoutMs = static_cast<int>(seconds * 1000);
    options.http.authorities = arguments.text("cacert");
    options.http.certificate = arguments.text("client-certificate");
    options.http.key = arguments.text("client-key");
    if (!options.http.key.empty() && options.http.certificate.empty())
        throw InvalidArgumentException("--client-key goes with --client-certificate");
    options.http.trace = _trace.get();
    options.http.connectMs = std::min(_timeoutMs, options.http.connectMs);
    options.http.silenceMs = std::min(_timeoutMs, options.http.silenceMs);
    options.session.revision = arguments.text("revision");
    options.session.initializeMs = _timeoutMs;
    options.listMs = _timeoutMs;
    options.session.probeMs = std::min(_timeoutMs, options.session.probeMs);
    _authConnections = std::make_unique<client::HttpConnections>(options.http);
    _server = options.target.text();
    if (options.target.kind != client::Target::Kind::STDIO)
        options.credentials = makeCredentials(arguments, options.target, std::move(headers), login);
    _credentials = options.credentials;
    if (options.target.kind == client::Target::Kind::STDIO && _trace)
        options.onErrorLine = [this](const std::string& line) { _trace->line('!', line); };
    else if (options.target.kind == client::Target::Kind::STDIO && arguments.has("stderr"))
        options.onErrorLine = [this](const std::string& line) { _console.note(line); };
    _client = std::make_unique<client::Client>(std::move(options), _user);
}

ServerConnection::~ServerConnection()
{
    _console.endProgress();
    _client->close();
}

client::CredentialsPtr ServerConnection::makeCredentials(const Arguments& arguments, const client::Target& target,
                                                         client::FixedCredentials::Headers headers, Login login)
{
    for (const std::string& header : arguments.texts("header"))
        headers.push_back(splitAt(header, ':', "--header"));
    if (arguments.has("token"))
        headers.emplace_back("Authorization", "Bearer " + secret(arguments.text("token")));
    else if (arguments.has("user"))
        headers.emplace_back("Authorization", "Basic " + base::toBase64(secret(arguments.text("user"))));
    if (!headers.empty())
        return std::make_shared<client::FixedCredentials>(std::move(headers));
    client::AuthOptions options = authOptions(arguments);
    _tokens = std::make_shared<client::TokenStore>(client::TokenStore::usualPath());
    options.store = _tokens;
    if (login == Login::ASKED && (_console.asks() || !_browser.empty()))
        options.openBrowser = [this](const std::string& url) { openBrowser(url); };
    _authorizer = std::make_shared<client::Authorizer>(std::move(options), target.url, *_authConnections);
    return _authorizer;
}

void ServerConnection::openBrowser(const std::string& url)
{
    _console.note("Log in at\n  " + url);
    if (_browser == "none")
        return;
#if defined(_WIN32)
    const std::string program = _browser.empty() ? "explorer" : _browser;
#elif defined(__APPLE__)
    const std::string program = _browser.empty() ? "open" : _browser;
#else
    const std::string program = _browser.empty() ? "xdg-open" : _browser;
#endif
    try
    {
        (void)Poco::Process::launch(program, {url});
    }
    catch (const Poco::Exception&)
    {
        // The address was printed.
    }
}

void ServerConnection::login(bool again)
{
    if (!_authorizer)
        throw InvalidArgumentException("there is nowhere to log in: the server is a command, or the credentials were "
                                       "given");
    if (again)
        _tokens->forgetToken(client::canonicalOf(_client->target().url));
    _authorizer->login({});
}

client::RequestOptions ServerConnection::requestOptions()
{
    client::RequestOptions options;
    options.timeoutMs = _timeoutMs;
    options.cancellation = std::make_shared<client::Cancellation>();
    options.onProgress = [this](const client::Progress& progress) { _console.progress(progress); };
    return options;
}

} // namespace tenon::app
