#include "plugin/tools/ViewCheck.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/Ascii.h"
#include "plugin/tools/TrialCall.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace tenon::plugin
{

namespace
{

using base::findMember;
using base::textMember;
using Element = simdjson::dom::element;
using Verdict = Finding::Verdict;

constexpr std::string_view SCHEME = "ui://";
constexpr std::string_view MIME_TYPE = "text/html;profile=mcp-app";
constexpr std::chrono::seconds PATIENCE{5};

/// The member `ui` of an object's `_meta`; false if there is none.
bool uiOf(const Element& object, Element& ui)
{
    Element meta;
    return findMember(object, "_meta", meta) && meta.is_object() && findMember(meta, "ui", ui) && ui.is_object();
}

/// What is wrong with the tool's side; empty if nothing is.
std::string faultOfTool(const Element& ui)
{
    const std::string_view uri = textMember(ui, "resourceUri");
    if (!uri.empty() && !uri.starts_with(SCHEME))
        return "its _meta.ui.resourceUri '" + std::string(uri) + "' does not begin with ui://";
    Element visibility;
    simdjson::dom::array words;
    if (!findMember(ui, "visibility", visibility))
        return {};
    if (visibility.get_array().get(words) || words.size() == 0)
        return "its _meta.ui.visibility is not a list: write [\"model\", \"app\"], or one of them";
    for (const Element word : words)
        if (std::string_view text; word.get_string().get(text) || (text != "model" && text != "app"))
            return "its _meta.ui.visibility knows 'model' and 'app' only";
    return {};
}

std::string faultOfOrigins(const Element& csp)
{
    static const std::set<std::string_view> SCHEMES = {"https://", "http://", "wss://", "ws://"};
    for (const char* list : {"connectDomains", "resourceDomains", "frameDomains", "baseUriDomains"})
    {
        Element value;
        simdjson::dom::array origins;
        if (!findMember(csp, list, value))
            continue;
        if (value.get_array().get(origins))
            return std::string("its csp.") + list + " is no list";
        for (const Element origin : origins)
        {
            std::string_view text;
            const bool known = !origin.get_string().get(text) &&
                               std::any_of(SCHEMES.begin(), SCHEMES.end(),
                                           [&](std::string_view scheme) { return text.starts_with(scheme); });
            if (!known || text.find_first_of(" ;,'\"") != std::string_view::npos)
                return std::string("its csp.") + list + " needs origins such as \"https://cdn.example\"";
        }
    }
    return {};
}

std::string faultOfPermissions(const Element& permissions)
{
    static const std::set<std::string_view> KNOWN = {"camera", "microphone", "geolocation", "clipboardWrite"};
    simdjson::dom::object members;
    if (permissions.get_object().get(members))
        return "its permissions are not an object";
    for (const auto& [name, value] : members)
        if (!KNOWN.contains(name) || !value.is_object())
            return "its permission '" + std::string(name) +
                   "' is none: there are camera, microphone, geolocation and clipboardWrite, each with {}";
    return {};
}

/// What is wrong with what was read.
std::string faultOfContents(const std::string& json, const std::string& uri)
{
    const auto document = base::JsonDocument::parse(json);
    Element list;
    simdjson::dom::array contents;
    if (!findMember(document->root(), "contents", list) || list.get_array().get(contents) || contents.size() == 0)
        return "reading it returns no contents";
    const Element first = *contents.begin();
    if (textMember(first, "uri") != uri)
        return "what was read has a different URI";
    if (textMember(first, "mimeType") != MIME_TYPE)
        return "its mimeType must be " + std::string(MIME_TYPE);
    Element blob;
    const std::string_view text = textMember(first, "text");
    if (text.empty() && !findMember(first, "blob", blob))
        return "it has no text";
    const std::string begin = base::lowered(base::trimmed(text.substr(0, 200)));
    if (!text.empty() && !begin.starts_with("<!doctype html") && !begin.starts_with("<html") &&
        !begin.starts_with("<!--"))
        return "it is not an HTML document: it should begin with <!doctype html>";
    Element ui, part;
    if (!uiOf(first, ui))
        return {};
    std::string fault;
    if (findMember(ui, "csp", part))
        fault = faultOfOrigins(part);
    if (fault.empty() && findMember(ui, "permissions", part))
        fault = faultOfPermissions(part);
    return fault;
}

std::string faultOfView(Trial& trial, const std::string& uri)
{
    const auto& resources = trial.entries.resources;
    const auto resource =
        std::find_if(resources.begin(), resources.end(), [&](const ResourceEntry& entry) { return entry.uri == uri; });
    if (resource == resources.end())
        return "a tool names it, but there is no such resource";
    std::string arguments;
    base::JsonWriter(arguments).beginObject().member("uri", uri).endObject();
    const auto call = std::make_shared<TrialCall>(arguments);
    const auto status = trial.instance->enter(Target::RESOURCE, 0, call);
    if (status < TENON_OK)
        call->fail(status, {});
    if (call->wait(PATIENCE) != TrialCall::End::RESULT)
        return "it cannot be read: " + call->text;
    return faultOfContents(call->text, uri);
}

} // namespace

void checkViews(Trial& trial, const std::function<void(const Finding&)>& found)
{
    std::set<std::string> views;
    for (const auto& resource : trial.entries.resources)
        if (resource.uri.starts_with(SCHEME))
            views.insert(resource.uri);
    for (const auto& tool : trial.entries.tools)
    {
        const auto definition = base::JsonDocument::parse(tool.definition.text());
        Element ui;
        if (!uiOf(definition->root(), ui))
            continue;
        const std::string fault = faultOfTool(ui);
        found({"view of tool '" + tool.name + "'", fault.empty() ? Verdict::PASS : Verdict::FAIL, fault});
        if (const std::string_view uri = textMember(ui, "resourceUri"); fault.empty() && !uri.empty())
            views.emplace(uri);
    }
    for (const std::string& uri : views)
    {
        const std::string fault = faultOfView(trial, uri);
        found({"view " + uri, fault.empty() ? Verdict::PASS : Verdict::FAIL, fault});
    }
}

} // namespace tenon::plugin
