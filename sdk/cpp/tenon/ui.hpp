#ifndef TENON_UI_HPP
#define TENON_UI_HPP

#include <tenon/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

/// Views of tools: the extension MCP Apps, `io.modelcontextprotocol/ui`.

namespace tenon
{

/// A browser's abilities that a view may ask for; a host need not grant them.
enum class UiPermission
{
    Camera,
    Microphone,
    Geolocation,
    ClipboardWrite
};

/// Who may call a tool that has a view.
enum class UiVisibility
{
    ModelAndApp,
    Model, ///< not the view
    App    ///< the view alone: hosts do not show it to models
};

/// An HTML document that hosts show with a tool's result, in a frame of its own. It speaks JSON-RPC with the host by
/// `postMessage`: `ui/initialize`, then `ui/notifications/tool-input` and `tool-result` come in, and `tools/call` goes
/// out.
///
/// Without the functions below it reaches nothing but its host.
///
/// Shape:  `uri` is "ui://…"; one document may serve several tools under the same URI.
/// Errors: std::invalid_argument for another scheme.
class Ui
{
public:
    static constexpr const char* MIME_TYPE = "text/html;profile=mcp-app";

    Ui(std::string uri, std::string html) : _uri(std::move(uri)), _html(std::move(html))
    {
        if (_uri.rfind("ui://", 0) != 0 || _uri.size() == 5)
            throw std::invalid_argument("the view " + _uri + " needs a URI that begins with ui://");
    }

    /// Origins that it may ask: "https://api.example", "wss://…".
    Ui& connectTo(std::initializer_list<const char*> origins) { return add(_connect, origins); }
    /// Origins that it loads scripts, styles, images, fonts and media from.
    Ui& loadFrom(std::initializer_list<const char*> origins) { return add(_load, origins); }
    /// Origins that it shows in frames.
    Ui& frameFrom(std::initializer_list<const char*> origins) { return add(_frames, origins); }
    /// Origins for its `<base>`.
    Ui& baseFrom(std::initializer_list<const char*> origins) { return add(_bases, origins); }

    Ui& permission(UiPermission permission)
    {
        _permissions |= 1u << static_cast<uint32_t>(permission);
        return *this;
    }
    Ui& visibleTo(UiVisibility visibility) { return _visibility = visibility, *this; }
    Ui& prefersBorder(bool border = true) { return _border = border ? 1 : 0, *this; }

    const std::string& uri() const { return _uri; }
    const std::string& html() const { return _html; }

    /// The member `ui` of the tool's `_meta`.
    std::string toolMeta() const
    {
        JsonWriter writer;
        writer.beginObject().member("resourceUri", _uri);
        if (_visibility != UiVisibility::ModelAndApp)
            writer.key("visibility").beginArray().text(_visibility == UiVisibility::Model ? "model" : "app").endArray();
        writer.endObject();
        return writer.take();
    }

    /// The member `ui` of the resource's `_meta`; empty if nothing was asked for.
    std::string resourceMeta() const
    {
        const bool reaches = !_connect.empty() || !_load.empty() || !_frames.empty() || !_bases.empty();
        if (!reaches && _permissions == 0 && _border < 0)
            return {};
        JsonWriter writer;
        writer.beginObject();
        if (reaches)
        {
            writer.key("csp").beginObject();
            list(writer, "connectDomains", _connect);
            list(writer, "resourceDomains", _load);
            list(writer, "frameDomains", _frames);
            list(writer, "baseUriDomains", _bases);
            writer.endObject();
        }
        if (_permissions != 0)
        {
            static const char* const NAMES[] = {"camera", "microphone", "geolocation", "clipboardWrite"};
            writer.key("permissions").beginObject();
            for (uint32_t at = 0; at < 4; ++at)
                if (_permissions & (1u << at))
                    writer.key(NAMES[at]).beginObject().endObject();
            writer.endObject();
        }
        if (_border >= 0)
            writer.member("prefersBorder", _border == 1);
        writer.endObject();
        return writer.take();
    }

private:
    using Origins = std::vector<std::string>;

    Ui& add(Origins& origins, std::initializer_list<const char*> more)
    {
        origins.insert(origins.end(), more.begin(), more.end());
        return *this;
    }

    static void list(JsonWriter& writer, const char* name, const Origins& origins)
    {
        if (origins.empty())
            return;
        writer.key(name).beginArray();
        for (const std::string& origin : origins)
            writer.text(origin);
        writer.endArray();
    }

    std::string _uri, _html;
    Origins _connect, _load, _frames, _bases;
    uint32_t _permissions = 0;
    UiVisibility _visibility = UiVisibility::ModelAndApp;
    int _border = -1; ///< as the host likes
};

} // namespace tenon

#endif
