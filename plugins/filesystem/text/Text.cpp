#include "filesystem/text/Text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace tenon::filesystem
{

namespace
{

/// How the character that begins at `at` looks.
enum class Shape
{
    WHOLE,
    CUT, ///< valid as far as it goes, but `data` ends
    BAD
};

Shape shapeAt(std::string_view data, std::size_t at, std::size_t& length)
{
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(data[index]); };
    const unsigned lead = byte(at);
    length = 1;
    if (lead < 0x80)
        return Shape::WHOLE;
    if (lead < 0xC2 || lead > 0xF4)
        return Shape::BAD;
    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // The second byte's range keeps out overlong forms, surrogates and what lies above U+10FFFF.
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    for (std::size_t i = 1; i < size; ++i)
    {
        if (at + i == data.size())
            return Shape::CUT;
        if (byte(at + i) < low || byte(at + i) > high)
            return Shape::BAD;
        low = 0x80;
        high = 0xBF;
    }
    length = size;
    return Shape::WHOLE;
}

constexpr std::pair<std::string_view, std::string_view> MIME_TYPES[] = {
    {"bmp", "image/bmp"},
    {"c", "text/x-c"},
    {"cc", "text/x-c++"},
    {"cpp", "text/x-c++"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"h", "text/x-c"},
    {"hpp", "text/x-c++"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"java", "text/x-java"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"md", "text/markdown"},
    {"mjs", "text/javascript"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"py", "text/x-python"},
    {"rs", "text/x-rust"},
    {"sh", "application/x-sh"},
    {"sql", "application/sql"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"toml", "application/toml"},
    {"ts", "text/x-typescript"},
    {"txt", "text/plain"},
    {"wav", "audio/wav"},
    {"webp", "image/webp"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
};

constexpr std::string_view BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::size_t validUtf8Prefix(std::string_view data)
{
    std::size_t at = 0;
    std::size_t length = 0;
    while (at < data.size() && shapeAt(data, at, length) == Shape::WHOLE)
        at += length;
    return at;
}

bool endsInsideCharacter(std::string_view data)
{
    const std::size_t at = validUtf8Prefix(data);
    std::size_t length = 0;
    return at < data.size() && shapeAt(data, at, length) == Shape::CUT;
}

std::string toUtf8(std::string_view data)
{
    std::size_t valid = validUtf8Prefix(data);
    std::string text(data.substr(0, valid));
    std::size_t length = 0;
    while (valid < data.size())
    {
        if (shapeAt(data, valid, length) == Shape::WHOLE)
            text.append(data.substr(valid, length));
        else
            text += "\xEF\xBF\xBD";
        valid += length;
    }
    return text;
}

bool looksLikeText(std::string_view data)
{
    if (data.find('\0') != std::string_view::npos)
        return false;
    return validUtf8Prefix(data) == data.size() || endsInsideCharacter(data);
}

namespace
{

/// A type that no text has, whatever its name says.
bool isMedia(std::string_view type)
{
    return type != "image/svg+xml" &&
           (type.substr(0, 6) == "image/" || type.substr(0, 6) == "audio/" || type.substr(0, 6) == "video/");
}

} // namespace

std::string mimeTypeOf(std::string_view name, bool text)
{
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos && dot + 1 < name.size() && name.size() - dot <= 6)
    {
        std::string extension(name.substr(dot + 1));
        for (char& c : extension)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        for (const auto& [known, type] : MIME_TYPES)
            if (known == extension && !(text && isMedia(type)))
                return std::string(type);
    }
    return text ? "text/plain" : "application/octet-stream";
}

std::string_view mediaTypeOf(std::string_view head)
{
    using std::string_view_literals::operator""sv;
    const auto begins = [head](std::string_view with) { return head.substr(0, with.size()) == with; };
    if (begins("\x89PNG\r\n\x1A\n"))
        return "image/png";
    if (begins("\xFF\xD8\xFF"))
        return "image/jpeg";
    if (begins("GIF87a") || begins("GIF89a"))
        return "image/gif";
    if (begins("RIFF") && head.size() >= 12)
        return head.substr(8, 4) == "WEBP" ? "image/webp"sv : head.substr(8, 4) == "WAVE" ? "audio/wav"sv : ""sv;
    if (begins("ID3") || begins("\xFF\xFB"))
        return "audio/mpeg";
    if (begins("OggS"))
        return "audio/ogg";
    if (begins("fLaC"))
        return "audio/flac";
    return {};
}

bool decodeBase64(std::string_view base64, std::string& data)
{
    data.clear();
    data.reserve(base64.size() / 4 * 3);
    std::uint32_t bits = 0;
    int digits = 0;
    int padding = 0;
    for (const char c : base64)
    {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '=')
        {
            ++padding;
            continue;
        }
        const std::size_t digit = BASE64.find(c);
        if (digit == std::string_view::npos || padding)
            return false;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if (++digits == 4)
        {
            data += static_cast<char>(bits >> 16 & 255);
            data += static_cast<char>(bits >> 8 & 255);
            data += static_cast<char>(bits & 255);
            digits = 0;
            bits = 0;
        }
    }
    if (digits == 1 || padding > 2 || (padding && digits + padding != 4))
        return false;
    if (digits >= 2)
        data += static_cast<char>(bits >> (digits == 2 ? 4 : 10) & 255);
    if (digits == 3)
        data += static_cast<char>(bits >> 2 & 255);
    return true;
}

std::string encodeBase64(std::string_view data)
{
    std::string text;
    text.reserve((data.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < data.size(); at += 3)
    {
        const std::size_t count = std::min<std::size_t>(3, data.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < count ? static_cast<unsigned char>(data[at + i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= count ? BASE64[bits >> (18 - 6 * i) & 63] : '=';
    }
    return text;
}

std::string toDateTime(long long nanoseconds)
{
    constexpr long long SECOND = 1'000'000'000;
    long long seconds = nanoseconds / SECOND - (nanoseconds % SECOND < 0 ? 1 : 0);
    long long days = seconds / 86400;
    seconds -= days * 86400;
    if (seconds < 0)
    {
        seconds += 86400;
        --days;
    }
    // Civil date from days since 1970-01-01, with years that begin in March.
    days += 719468;
    const long long era = (days >= 0 ? days : days - 146096) / 146097;
    const long long dayOfEra = days - era * 146097;
    const long long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const long long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const long long shifted = (5 * dayOfYear + 2) / 153;
    const long long day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    const long long month = shifted < 10 ? shifted + 3 : shifted - 9;
    const long long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    char text[96];
    std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", year, month, day, seconds / 3600,
                  seconds / 60 % 60, seconds % 60);
    return text;
}

} // namespace tenon::filesystem
