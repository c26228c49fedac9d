#include "filesystem/paths/FileUri.h"

#include "filesystem/Failure.h"
#include "filesystem/text/Text.h"

namespace tenon::filesystem
{

namespace
{

constexpr std::string_view SCHEME = "file:";

bool isPlain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/!$&'()*+,;=:@").find(static_cast<char>(c)) != std::string_view::npos;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool startsWithDrive(std::string_view path)
{
    return path.size() >= 2 && path[1] == ':' && ((path[0] | 32) >= 'a' && (path[0] | 32) <= 'z');
}

} // namespace

bool isFileUri(std::string_view text)
{
    if (text.size() < SCHEME.size())
        return false;
    for (std::size_t i = 0; i < SCHEME.size(); ++i)
        if ((text[i] | 32) != (SCHEME[i] | 32))
            return false;
    return true;
}

std::string toFileUri(std::string_view path)
{
    static constexpr char HEX[] = "0123456789ABCDEF";
    std::string uri = startsWithDrive(path) ? "file:///" : "file://";
    for (const char c : path)
    {
        const auto byte = static_cast<unsigned char>(c);
        if (isPlain(byte))
            uri += c;
        else
            ((uri += '%') += HEX[byte >> 4]) += HEX[byte & 15];
    }
    return uri;
}

std::string fromFileUri(std::string_view uri)
{
    if (!isFileUri(uri))
        throw Failure(Reason::INVALID, "'" + toUtf8(uri) + "' is not a file: URI.");
    std::string_view rest = uri.substr(SCHEME.size());
    if (rest.substr(0, 2) == "//")
    {
        rest.remove_prefix(2);
        if (rest.substr(0, 9) == "localhost")
            rest.remove_prefix(9);
    }
    if (rest.empty() || rest[0] != '/')
        throw Failure(Reason::INVALID, "'" + toUtf8(uri) +
                                           "' names no file of this machine. A file URI has an absolute path and no "
                                           "host: file:///directory/name.");
    std::string path;
    path.reserve(rest.size());
    for (std::size_t at = 0; at < rest.size(); ++at)
    {
        if (rest[at] != '%')
        {
            path += rest[at];
            continue;
        }
        const int high = at + 2 < rest.size() ? hexDigit(rest[at + 1]) : -1;
        const int low = at + 2 < rest.size() ? hexDigit(rest[at + 2]) : -1;
        if (high < 0 || low < 0)
            throw Failure(Reason::INVALID, "'" + toUtf8(uri) +
                                               "' has a percent sign without two hexadecimal digits after it; a "
                                               "percent sign of the name itself is written %25.");
        path += static_cast<char>(high << 4 | low);
        at += 2;
    }
    if (startsWithDrive(std::string_view(path).substr(1)))
        path.erase(0, 1);
    return path;
}

} // namespace tenon::filesystem
