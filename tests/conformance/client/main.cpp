// The command under test of the official suite's client leg: uses a server as an application would, with nothing but
// the room client. What a scenario wants is in two environment variables; what this program does hardly depends on it:
// it lists and uses everything that the server offers.
//
//   conformance_client URL

#include "Browser.h"
#include "SampleArguments.h"

#include "base/json/JsonWriter.h"
#include "client/Client.h"
#include "client/auth/Authorizer.h"
#include "client/http/Proxy.h"
#include "client/protocol/Forms.h"

#include <csignal>
#include <iostream>

namespace
{

using namespace tenon::client;
using tenon::base::findMember;
using tenon::base::JsonDocument;
using tenon::base::textMember;

constexpr const char* METADATA_URL = "https://conformance-test.local/client-metadata.json";

/// Agrees to everything it is asked.
class Agreeable : public ClientHandler
{
public:
    Abilities abilities() const override { return {true, true, true, true, true}; }

    std::string answer(std::string_view method, const JsonDocument::Element* params) override
    {
        if (method == "roots/list")
            return R"({"roots":[]})";
        if (method == "sampling/createMessage")
            return R"({"role":"assistant","content":{"type":"text","text":"Paris"},"model":"none"})";
        if (method != "elicitation/create")
            return ClientHandler::answer(method, params);
        JsonDocument::Element schema;
        if (!params || !findMember(*params, "requestedSchema", schema))
            return acceptedForm("");
        return acceptedForm(withDefaults(schema, sampleArguments(schema)));
    }
};

/// What the scenario hands to its client.
class Context
{
public:
    Context()
    {
        const std::string text = processEnvironment("MCP_CONFORMANCE_CONTEXT");
        _document = JsonDocument::parse(text.empty() ? "{}" : text);
    }

    std::string text(std::string_view name) const { return std::string(textMember(_document->root(), name)); }
    const JsonDocument::Element root() const { return _document->root(); }

private:
    tenon::base::JsonDocumentPtr _document;
};

AuthOptions authOptions(const Context& context, Browser& browser)
{
    AuthOptions options;
    options.clientName = "tenon-conformance";
    options.clientMetadataUrl = METADATA_URL;
    options.clientId = context.text("client_id");
    options.clientSecret = context.text("client_secret");
    options.privateKey = context.text("private_key_pem");
    options.store = std::make_shared<TokenStore>();
    options.loginMs = 10'000;
    options.openBrowser = [&browser](const std::string& url) { browser.open(url); };
    if (!context.text("valid_jwt").empty())
    {
        options.grant = AuthOptions::Grant::ASSERTION;
        options.assertion = context.text("valid_jwt");
    }
    else if (!context.text("idp_id_token").empty())
    {
        options.grant = AuthOptions::Grant::IDENTITY_TOKEN;
        options.identityToken = context.text("idp_id_token");
        options.identityEndpoint = context.text("idp_token_endpoint");
        options.identityClientId = context.text("idp_client_id");
    }
    else if (context.text("name").find("client-credentials") != std::string::npos)
        options.grant = AuthOptions::Grant::CLIENT;
    return options;
}

/// A tool may refuse what it is given; the scenario looks at how it was called.
void call(Client& client, const std::string& name, const std::string& arguments)
{
    try
    {
        const Reply reply = client.callTool(name, arguments);
        std::cerr << name << ": " << tenon::base::toJson(reply.result) << '\n';
    }
    catch (const ClientException& exc)
    {
        std::cerr << name << ": " << exc.displayText() << '\n';
        if (exc.fault() != Fault::RPC)
            throw;
    }
}

void useTools(Client& client, const Context& context)
{
    const ListingPtr tools = client.list(ListKind::TOOLS);
    JsonDocument::Element calls, member;
    simdjson::dom::array list;
    if (findMember(context.root(), "toolCalls", calls) && !calls.get(list))
    {
        for (const auto& one : list)
            if (findMember(one, "arguments", member))
                call(client, std::string(textMember(one, "name")), tenon::base::toJson(member));
        return;
    }
    // An application keeps a definition as it came: this one shows what it kept, if there is somebody to show it to.
    const auto* echo = tools->find("json_schema_echo");
    for (const auto& tool : tools->items)
    {
        if (!findMember(tool, "inputSchema", member))
            continue;
        std::string arguments = sampleArguments(member);
        if (echo && &tool != echo)
        {
            arguments.clear();
            tenon::base::JsonWriter(arguments).beginObject().member("schema", member).endObject();
            call(client, "json_schema_echo", arguments);
        }
        else if (!echo)
            call(client, std::string(textMember(tool, "name")), arguments);
    }
}

void useAll(Client& client, const Context& context)
{
    client.connect();
    std::cerr << "revision " << client.peer().revision << '\n';
    useTools(client, context);
    for (const auto& resource : client.list(ListKind::RESOURCES)->items)
        (void)client.readResource(std::string(textMember(resource, "uri")));
    for (const auto& prompt : client.list(ListKind::PROMPTS)->items)
        (void)client.getPrompt(std::string(textMember(prompt, "name")), "");
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2)
    {
        std::cerr << "usage: conformance_client URL\n";
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    try
    {
        const Context context;
        HttpConnections connections({});
        Browser browser(connections);
        Agreeable handler;
        ClientOptions options;
        options.target = Target::ofUrl(argv[1]);
        options.session.info.name = "tenon-conformance";
        options.credentials =
            std::make_shared<Authorizer>(authOptions(context, browser), options.target.url, connections);
        Client client(std::move(options), handler);
        useAll(client, context);
        client.close();
        return 0;
    }
    catch (const Poco::Exception& exc)
    {
        std::cerr << exc.displayText() << '\n';
        return 1;
    }
}
