#pragma once

#include "app/cli/CommandLine.h"
#include "app/client/Console.h"
#include "app/client/UserAtTerminal.h"
#include "client/Client.h"
#include "client/auth/Authorizer.h"

#include <Poco/Util/Option.h>

#include <memory>
#include <string>
#include <vector>

namespace tenon::app
{

/// The options for credentials, and for what is shown of them.
[[nodiscard]] std::vector<Poco::Util::Option> credentialOptions();

/// The options that every command of the client knows, those included.
[[nodiscard]] std::vector<Poco::Util::Option> connectionOptions();

enum class Login
{
    ASKED, ///< a user who is there is shown the page to log in at
    NEVER  ///< with the token that is kept, or not at all
};

/// What a command line says of a server and of how to speak with it; the words that are left are the command's.
///
/// Errors: Poco::Util::OptionException that names the argument.
class ServerConnection
{
public:
    /// Takes the target from `arguments`: what follows `--`, else the first word.
    explicit ServerConnection(const Arguments& arguments, Login login = Login::ASKED);
    ~ServerConnection();
    ServerConnection(const ServerConnection&) = delete;
    ServerConnection& operator=(const ServerConnection&) = delete;

    [[nodiscard]] client::Client& client() { return *_client; }
    [[nodiscard]] Console& console() { return _console; }
    [[nodiscard]] const std::vector<std::string>& words() const { return _words; }

    /// What requests of this command are sent with.
    [[nodiscard]] client::RequestOptions requestOptions();

    // For `tenon doctor`, which speaks with the server by itself.
    [[nodiscard]] const client::CredentialsPtr& credentials() const { return _credentials; }
    [[nodiscard]] const client::HttpOptions& http() const { return _authConnections->options(); }
    [[nodiscard]] int timeoutMs() const { return _timeoutMs; }

    /// Logs in, whether the server asks for it or not.
    void login(bool again);

private:
    class WireTrace;

    [[nodiscard]] static OutputForm formOf(const Arguments& arguments);
    [[nodiscard]] client::CredentialsPtr makeCredentials(const Arguments& arguments, const client::Target& target,
                                                         client::FixedCredentials::Headers headers, Login login);
    void openBrowser(const std::string& url);

    Console _console;
    std::vector<std::string> _words;
    std::unique_ptr<WireTrace> _trace; ///< null: nothing is shown
    UserAtTerminal _user;
    std::unique_ptr<client::HttpConnections> _authConnections;
    std::shared_ptr<client::TokenStore> _tokens;
    client::CredentialsPtr _credentials;             ///< null: none
    std::shared_ptr<client::Authorizer> _authorizer; ///< null: the credentials are fixed
    std::string _browser;
    std::string _server;
    int _timeoutMs = 60'000;
    std::unique_ptr<client::Client> _client;
};

} // namespace tenon::app
