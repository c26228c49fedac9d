#include "app/client/Rendering.h"

#include "app/client/ToolArguments.h"
#include "base/json/JsonWriter.h"
#include "base/text/Base64.h"
#include "client/protocol/Peer.h"

#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>

#include <algorithm>

namespace tenon::app
{

namespace
{

using base::findMember;
using base::JsonDocument;
using base::textMember;
using client::ListKind;

const char* headingOf(ListKind kind)
{
    switch (kind)
    {
    case ListKind::TOOLS:
        return "Tools";
    case ListKind::RESOURCES:
        return "Resources";
    case ListKind::TEMPLATES:
        return "Resource templates";
    case ListKind::PROMPTS:
        return "Prompts";
    }
    return "";
}

std::string promptSignature(const JsonDocument::Element& prompt)
{
    std::string all;
    JsonDocument::Element arguments, member;
    simdjson::dom::array list;
    if (findMember(prompt, "arguments", arguments) && !arguments.get(list))
        for (const auto& one : list)
        {
            bool required = false;
            const bool is = findMember(one, "required", member) && !member.get(required) && required;
            all += (all.empty() ? "" : " ") + std::string(textMember(one, "name")) + (is ? "*" : "");
        }
    return all;
}

Console::Row rowOf(ListKind kind, const JsonDocument::Element& item)
{
    Console::Row row;
    row.name = textMember(item, kind == ListKind::RESOURCES   ? "uri"
                                : kind == ListKind::TEMPLATES ? "uriTemplate"
                                                              : "name");
    const std::string_view description = textMember(item, "description");
    row.text = description.empty() ? textMember(item, "title") : description;
    if (row.text.empty() && (kind == ListKind::RESOURCES || kind == ListKind::TEMPLATES))
        row.text = textMember(item, "name");
    JsonDocument::Element schema;
    if (kind == ListKind::TOOLS && findMember(item, "inputSchema", schema))
        row.signature = signatureOf(schema);
    else if (kind == ListKind::PROMPTS)
        row.signature = promptSignature(item);
    return row;
}

/// The end of a file's name for a media type.
std::string endingOf(std::string_view type)
{
    const auto slash = type.find('/');
    std::string ending(slash == std::string_view::npos ? "bin" : type.substr(slash + 1));
    ending = ending.substr(0, ending.find_first_of("+;"));
    if (ending == "jpeg")
        return "jpg";
    if (ending.empty() ||
        !std::all_of(ending.begin(), ending.end(), [](unsigned char byte) { return std::isalnum(byte); }))
        return "bin";
    return ending == "plain" ? "txt" : ending == "octet" ? "bin" : ending;
}

void writePeer(base::JsonWriter& writer, const client::Peer& peer)
{
    writer.key("server").beginObject().member("name", peer.name).member("version", peer.version);
    writer.member("protocolVersion", peer.revision);
    if (!peer.instructions.empty())
        writer.member("instructions", peer.instructions);
    if (peer.hasCapabilities)
        writer.member("capabilities", peer.capabilities);
    writer.endObject();
}

} // namespace

void Rendering::server(const client::Peer& peer)
{
    if (_console.form() == OutputForm::NDJSON)
    {
        std::string line;
        base::JsonWriter writer(line);
        writer.beginObject();
        writePeer(writer, peer);
        writer.endObject();
        _console.printRaw(line);
        return;
    }
    std::string name = peer.title.empty() ? peer.name : peer.title;
    if (name.empty())
        name = "a server without a name";
    _console.printHeading(name, (peer.version.empty() ? "" : ' ' + peer.version) + ", revision " + peer.revision);
}

void Rendering::list(ListKind kind, const client::Listing& listing)
{
    if (_console.form() == OutputForm::NDJSON)
    {
        for (const auto& item : listing.items)
        {
            std::string line;
            base::JsonWriter(line).beginObject().member(client::memberOf(kind), item).endObject();
            _console.printRaw(line);
        }
        return;
    }
    std::vector<Console::Row> rows;
    for (const auto& item : listing.items)
        rows.push_back(rowOf(kind, item));
    _console.table(headingOf(kind), rows);
    for (const std::string& rejected : listing.rejected)
        _console.note("left out, since its definition breaks the rules: " + rejected);
}

void Rendering::document(const client::Peer& peer, const std::vector<std::pair<ListKind, client::ListingPtr>>& lists)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    writePeer(writer, peer);
    for (const auto& [kind, listing] : lists)
    {
        writer.key(client::memberOf(kind)).beginArray();
        for (const auto& item : listing->items)
            writer.value(item);
        writer.endArray();
    }
    writer.endObject();
    _console.printRaw(text);
}

/// True: it was written as JSON.
bool Rendering::whole(const JsonDocument::Element& result)
{
    _console.endProgress();
    if (_console.form() == OutputForm::TEXT)
        return false;
    std::string line = base::toJson(result);
    if (_console.form() == OutputForm::NDJSON)
        line = "{\"result\":" + line + '}';
    _console.printRaw(line);
    return true;
}

bool Rendering::toolResult(const JsonDocument::Element& result)
{
    JsonDocument::Element member;
    bool failed = false;
    if (findMember(result, "isError", member) && member.get(failed))
        failed = false;
    if (whole(result))
        return !failed;
    simdjson::dom::array blocks;
    const bool list = findMember(result, "content", member) && !member.get(blocks);
    const bool has = list && blocks.size() > 0;
    if (has)
    {
        for (const auto& block : blocks)
            if (failed && textMember(block, "type") == "text")
                _console.fault(textMember(block, "text"));
            else
                content(block);
    }
    if (has)
        return !failed;
    if (findMember(result, "structuredContent", member))
        _console.print(base::toJson(member));
    else if (!list)
        _console.print(base::toJson(result)); // not what the protocol has, but what there is
    return !failed;
}

void Rendering::content(const JsonDocument::Element& block)
{
    const std::string_view type = textMember(block, "type");
    JsonDocument::Element member;
    if (type == "text")
        _console.print(textMember(block, "text"));
    else if (type == "image" || type == "audio")
        media(type, textMember(block, "mimeType"), textMember(block, "data"), "");
    else if (type == "resource" && findMember(block, "resource", member))
        resourceContents(member);
    else if (type == "resource_link")
        _console.print("resource " + std::string(textMember(block, "uri")) + "  " +
                       std::string(textMember(block, "name")));
    else
        _console.print(base::toJson(block));
}

void Rendering::resourceContents(const JsonDocument::Element& contents)
{
    JsonDocument::Element blob;
    std::string_view data;
    if (findMember(contents, "blob", blob) && !blob.get(data))
        media("resource", textMember(contents, "mimeType"), data, textMember(contents, "uri"));
    else
        _console.print(textMember(contents, "text"));
}

void Rendering::media(std::string_view kind, std::string_view type, std::string_view base64, std::string_view name)
{
    std::string bytes;
    if (!base::fromBase64(base64, bytes))
    {
        _console.note(std::string(kind) + " that is not base64");
        return;
    }
    const std::string what = std::string(kind) + ' ' + (name.empty() ? "" : std::string(name) + ", ") +
                             std::string(type) + ", " + std::to_string(bytes.size()) + " bytes";
    if (_folder.empty())
    {
        _console.print('[' + what + "; --out=FOLDER saves it]");
        return;
    }
    Poco::File(_folder).createDirectories();
    // Numbered, not named by the server: its names do not choose a file of ours. One that is there is left alone.
    Poco::Path path;
    do
        path = Poco::Path(Poco::Path(_folder).makeDirectory(),
                          std::string(kind) + '-' + std::to_string(++_saved) + '.' + endingOf(type));
    while (Poco::File(path).exists());
    Poco::FileOutputStream out(path.toString());
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    _console.print('[' + what + "; saved as " + path.toString() + ']');
}

void Rendering::resource(const JsonDocument::Element& result)
{
    if (whole(result))
        return;
    JsonDocument::Element member;
    simdjson::dom::array list;
    if (findMember(result, "contents", member) && !member.get(list))
        for (const auto& one : list)
            resourceContents(one);
}

void Rendering::prompt(const JsonDocument::Element& result)
{
    if (whole(result))
        return;
    JsonDocument::Element messages, block;
    simdjson::dom::array list;
    if (findMember(result, "messages", messages) && !messages.get(list))
        for (const auto& message : list)
        {
            _console.printHeading(std::string(textMember(message, "role")) + ':');
            if (findMember(message, "content", block))
                content(block);
        }
}

} // namespace tenon::app
