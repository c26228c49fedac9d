#include "client/auth/Challenge.h"

#include <Poco/String.h>

#include <algorithm>

namespace tenon::client
{

namespace
{

bool isTokenByte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~/").find(byte) != std::string_view::npos;
}

/// Reads a header's value from left to right.
class Reader
{
public:
    explicit Reader(std::string_view text) : _text(text) {}

    [[nodiscard]] bool atEnd() const { return _at >= _text.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : _text[_at]; }
    void step() { ++_at; }

    void skip(std::string_view bytes)
    {
        while (!atEnd() && bytes.find(_text[_at]) != std::string_view::npos)
            ++_at;
    }

    std::string token()
    {
        const std::size_t begin = _at;
        while (!atEnd() && isTokenByte(_text[_at]))
            ++_at;
        return std::string(_text.substr(begin, _at - begin));
    }

    std::string value()
    {
        if (peek() != '"')
            return token();
        step();
        std::string text;
        while (!atEnd() && peek() != '"')
        {
            if (peek() == '\\')
                step();
            if (!atEnd())
                text += _text[_at++];
        }
        step();
        return text;
    }

private:
    std::string_view _text;
    std::size_t _at = 0;
};

} // namespace

std::string Challenge::get(const std::string& name) const
{
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> Challenge::parse(std::string_view header)
{
    std::vector<Challenge> challenges;
    Reader reader(header);
    while (true)
    {
        reader.skip(", \t");
        if (reader.atEnd())
            return challenges;
        const std::string word = reader.token();
        if (word.empty())
        {
            reader.step(); // what should not be there
            continue;
        }
        reader.skip(" \t");
        // "name=value" belongs to the challenge before; a word alone begins one.
        if (reader.peek() == '=' && !challenges.empty())
        {
            reader.step();
            reader.skip(" \t");
            challenges.back().parameters[Poco::toLower(word)] = reader.value();
        }
        else
            challenges.push_back({Poco::toLower(word), {}});
    }
}

Challenge Challenge::of(const Poco::Net::HTTPResponse& response)
{
    Challenge bearer;
    for (const auto& [name, value] : response)
    {
        if (Poco::icompare(name, "WWW-Authenticate") != 0)
            continue;
        for (Challenge& one : parse(value))
        {
            if (one.scheme == "dpop" && bearer.scheme != "bearer")
                bearer = std::move(one);
            else if (one.scheme == "bearer")
                bearer = std::move(one);
        }
    }
    return bearer;
}

std::string Challenge::otherScheme(const Poco::Net::HTTPResponse& response)
{
    if (!of(response).scheme.empty())
        return {};
    for (const auto& [name, value] : response)
        if (Poco::icompare(name, "WWW-Authenticate") == 0)
            for (const Challenge& one : parse(value))
                return one.scheme;
    return {};
}

std::vector<std::string> scopesOf(std::string_view list)
{
    std::vector<std::string> scopes;
    while (!list.empty())
    {
        const auto space = list.find(' ');
        const std::string scope(list.substr(0, space));
        if (!scope.empty() && std::find(scopes.begin(), scopes.end(), scope) == scopes.end())
            scopes.push_back(scope);
        list = space == std::string_view::npos ? std::string_view{} : list.substr(space + 1);
    }
    return scopes;
}

std::string unionOf(std::string_view first, std::string_view second)
{
    std::string all;
    for (const std::string& scope : scopesOf(std::string(first) + ' ' + std::string(second)))
        all += (all.empty() ? "" : " ") + scope;
    return all;
}

} // namespace tenon::client
