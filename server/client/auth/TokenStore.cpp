#include "client/auth/TokenStore.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "client/http/Proxy.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/StreamCopier.h>

#if !defined(_WIN32)
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tenon::client
{

namespace
{

using base::JsonDocument;

std::string textOf(const JsonDocument::Element& object, std::string_view name)
{
    return std::string(base::textMember(object, name));
}

TokenSet tokenOf(const JsonDocument::Element& object)
{
    TokenSet token;
    token.issuer = textOf(object, "issuer");
    token.accessToken = textOf(object, "accessToken");
    token.refreshToken = textOf(object, "refreshToken");
    token.type = textOf(object, "type");
    token.scope = textOf(object, "scope");
    token.dpopKey = textOf(object, "dpopKey");
    JsonDocument::Element member;
    if (base::findMember(object, "expiresAt", member) && member.get(token.expiresAt))
        token.expiresAt = 0;
    return token;
}

ClientRegistration registrationOf(const JsonDocument::Element& object)
{
    return {textOf(object, "clientId"), textOf(object, "clientSecret"), textOf(object, "authMethod"),
            textOf(object, "redirectUri")};
}

template <typename Value, typename Read>
void readMap(const JsonDocument::Element& root, std::string_view name, std::map<std::string, Value>& map,
             const Read& read)
{
    JsonDocument::Element member;
    simdjson::dom::object members;
    if (base::findMember(root, name, member) && !member.get(members))
        for (const auto& [key, value] : members)
            map[std::string(key)] = read(value);
}

/// Written beside and moved over the old one: nobody reads half a file, and nobody but us reads any of it.
void writePrivate(const std::string& path, const std::string& text)
{
    Poco::File(Poco::Path(path).makeParent()).createDirectories();
    const std::string beside = path + ".new";
#if defined(_WIN32)
    {
        Poco::FileOutputStream out(beside, std::ios::trunc);
        out << text;
        out.close();
    }
#else
    ::unlink(beside.c_str());
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        throw Poco::WriteFileException(beside + ": " + std::strerror(errno));
    std::size_t written = 0;
    while (written < text.size())
    {
        const ssize_t some = ::write(file, text.data() + written, text.size() - written);
        if (some < 0 && errno != EINTR)
        {
            ::close(file);
            throw Poco::WriteFileException(beside + ": " + std::strerror(errno));
        }
        written += some > 0 ? static_cast<std::size_t>(some) : 0;
    }
    ::fsync(file);
    ::close(file);
#endif
    Poco::File(beside).renameTo(path);
}

void refuseIfShared(const std::string& path)
{
#if !defined(_WIN32)
    struct stat about
    {
    };
    if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0)
        throw Poco::FileAccessDeniedException("others can read the tokens in " + path + "; run: chmod 600 " + path);
#else
    (void)path;
#endif
}

} // namespace

TokenStore::TokenStore(std::string path) : _path(std::move(path)) {}

std::string TokenStore::usualPath()
{
    std::string folder = processEnvironment("XDG_CONFIG_HOME");
#if defined(_WIN32)
    if (folder.empty())
        folder = processEnvironment("APPDATA");
#endif
    if (folder.empty())
        folder = Poco::Path(Poco::Path::home()).append(".config").toString();
    return Poco::Path(folder).makeDirectory().pushDirectory("tenon").setFileName("credentials.json").toString();
}

TokenStore::Contents TokenStore::read() const
{
    if (_path.empty())
        return _memory;
    Contents contents;
    if (!Poco::File(_path).exists())
        return contents;
    refuseIfShared(_path);
    Poco::FileInputStream in(_path);
    std::string text;
    Poco::StreamCopier::copyToString(in, text);
    const auto document = JsonDocument::parse(text);
    readMap(document->root(), "tokens", contents.tokens, tokenOf);
    readMap(document->root(), "clients", contents.registrations, registrationOf);
    return contents;
}

void TokenStore::write(const Contents& contents) const
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().key("tokens").beginObject();
    for (const auto& [server, token] : contents.tokens)
        writer.key(server)
            .beginObject()
            .member("issuer", token.issuer)
            .member("accessToken", token.accessToken)
            .member("refreshToken", token.refreshToken)
            .member("type", token.type)
            .member("scope", token.scope)
            .member("expiresAt", token.expiresAt)
            .member("dpopKey", token.dpopKey)
            .endObject();
    writer.endObject().key("clients").beginObject();
    for (const auto& [issuer, one] : contents.registrations)
        writer.key(issuer)
            .beginObject()
            .member("clientId", one.clientId)
            .member("clientSecret", one.clientSecret)
            .member("authMethod", one.authMethod)
            .member("redirectUri", one.redirectUri)
            .endObject();
    writer.endObject().endObject();
    text += '\n';
    writePrivate(_path, text);
}

template <typename Change>
void TokenStore::change(const Change& change)
{
    const std::lock_guard lock(_mutex);
    Contents contents = read();
    change(contents);
    if (_path.empty())
        _memory = std::move(contents);
    else
        write(contents);
}

std::optional<TokenSet> TokenStore::token(const std::string& server)
{
    const std::lock_guard lock(_mutex);
    const Contents contents = read();
    const auto found = contents.tokens.find(server);
    return found == contents.tokens.end() ? std::nullopt : std::optional(found->second);
}

void TokenStore::keepToken(const std::string& server, const TokenSet& token)
{
    change([&](Contents& contents) { contents.tokens[server] = token; });
}

void TokenStore::forgetToken(const std::string& server)
{
    change([&](Contents& contents) { contents.tokens.erase(server); });
}

std::optional<ClientRegistration> TokenStore::registration(const std::string& issuer)
{
    const std::lock_guard lock(_mutex);
    const Contents contents = read();
    const auto found = contents.registrations.find(issuer);
    return found == contents.registrations.end() ? std::nullopt : std::optional(found->second);
}

void TokenStore::keepRegistration(const std::string& issuer, const ClientRegistration& registration)
{
    change([&](Contents& contents) { contents.registrations[issuer] = registration; });
}

void TokenStore::forgetRegistration(const std::string& issuer)
{
    change([&](Contents& contents) { contents.registrations.erase(issuer); });
}

} // namespace tenon::client
