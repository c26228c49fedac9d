#include "plugin/attach/ProgramHello.h"

#include "plugin/attach/NumberedOffer.h"
#include "plugin/config/OwnPaths.h"
#include "plugin/worker/channel/OfferFields.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>

namespace tenon::plugin
{

std::string readWho(FieldReader& in, ProgramHello& hello)
{
    if (in.text() != ATTACH_GREETING)
        return "it is not a program that uses libtenon-attach";
    const auto lowest = in.number(), highest = in.number();
    if (lowest > ATTACH_VERSION || highest < 1)
        return "its library speaks versions " + std::to_string(lowest) + " to " + std::to_string(highest) +
               " of the connection, this server 1 to " + std::to_string(ATTACH_VERSION);
    hello.version = std::min<std::uint64_t>(highest, ATTACH_VERSION);
    hello.name = in.text();
    hello.title = oneLine(in.text(), MAX_TITLE);
    hello.key = in.number();
    hello.process = static_cast<std::int64_t>(in.number());
    return in.good() ? "" : "its greeting is malformed";
}

std::string readOffered(FieldReader& in, ProgramHello& hello)
{
    hello.libraryVersion = oneLine(in.text(), MAX_TITLE);
    FieldReader offer(in.text());
    hello.offer = readOffer(offer);
    if (!in.good() || !offer.good())
        return "its greeting is malformed";
    if (!isWellFormed(hello.offer)) // a program that is known would be taken for what it was, by a list nobody can read
        return "its offer is not the JSON that sdk/ATTACH.md describes";
    hello.allOnMainThread = in.number() != 0; // a later field: without it, each tool says so itself
    return {};
}

std::string settingsBody(const OwnSettings& settings)
{
    const auto paths = absolutePaths(settings);
    std::string body;
    FieldWriter out(body);
    out.number(settings.values.size());
    for (const auto& [key, value] : settings.values)
        out.text(key).text(value).text(paths.at(key));
    return body;
}

std::string oneLine(std::string_view text, std::size_t maxSize)
{
    std::string line(text.substr(0, maxSize));
    for (int cut = 0; cut < 3 && text.size() > maxSize && !simdjson::validate_utf8(line); ++cut)
        line.pop_back(); // of a letter that was cut
    if (!simdjson::validate_utf8(line))
        std::replace_if(
            line.begin(), line.end(), [](unsigned char c) { return c >= 0x80; }, '?');
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
    return line;
}

} // namespace tenon::plugin
