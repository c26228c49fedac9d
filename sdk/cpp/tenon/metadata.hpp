#ifndef TENON_METADATA_HPP
#define TENON_METADATA_HPP

#include <tenon/content.hpp>

#include <tenon/call.hpp>

#include <algorithm>
#include <functional>

/// What tools, prompts, resources and templates have in common: name, title, description, icons, `_meta`.

namespace tenon
{

/// The protocol's Icon.
struct Icon
{
    std::string src;                  ///< an https: or data: URI
    std::string mimeType{};           ///< "image/png"
    std::vector<std::string> sizes{}; ///< "48x48", "any"
    std::string theme{};              ///< "light" or "dark"
};

namespace detail
{

template <class W>
void writeIcons(W& writer, const std::vector<Icon>& icons)
{
    if (icons.empty())
        return;
    writer.key("icons").beginArray();
    for (const Icon& icon : icons)
    {
        writer.beginObject().member("src", icon.src);
        if (!icon.mimeType.empty())
            writer.member("mimeType", icon.mimeType);
        if (!icon.sizes.empty())
            writer.member("sizes", icon.sizes);
        if (!icon.theme.empty())
            writer.member("theme", icon.theme);
        writer.endObject();
    }
    writer.endArray();
}

struct Metadata
{
    std::string name;
    std::string title;
    std::string description;
    std::vector<Icon> icons;
    std::vector<std::pair<const char*, std::string>> annotations;
    std::string meta;
    std::string ui; ///< JSON of the member `ui` of `_meta`

    /// `_meta` with what stands in `ui`; empty: there is none.
    std::string wholeMeta() const
    {
        if (ui.empty())
            return meta;
        const std::size_t first = meta.find('{');
        const bool empty =
            first == std::string::npos || meta.find_first_not_of(" \t\r\n}", first + 1) == std::string::npos;
        return "{\"ui\":" + ui + (empty ? "}" : "," + meta.substr(first + 1));
    }

    void write(JsonWriter& writer) const
    {
        writer.member("name", name);
        if (!title.empty())
            writer.member("title", title);
        if (!description.empty())
            writer.member("description", description);
        writeIcons(writer, icons);
        if (!annotations.empty())
        {
            writer.key("annotations").beginObject();
            for (const auto& [key, json] : annotations)
                writer.key(key).json(json);
            writer.endObject();
        }
        if (const std::string whole = wholeMeta(); !whole.empty())
            writer.key("_meta").json(whole);
    }
};

/// The functions that every builder has. `Builder` has `metadata()`.
template <class Builder>
class Described
{
public:
    /// For people; the name is for programs.
    Builder& title(std::string text)
    {
        self().metadata().title = std::move(text);
        return self();
    }

    Builder& icon(Icon icon)
    {
        self().metadata().icons.push_back(std::move(icon));
        return self();
    }

    Builder& meta(Json object)
    {
        self().metadata().meta = std::move(object.text);
        return self();
    }

private:
    Builder& self() { return static_cast<Builder&>(*this); }
};

/// The specification's rule for names of tools; kept for prompts too.
inline bool isValidName(std::string_view name)
{
    return !name.empty() && name.size() <= 128 &&
           std::all_of(name.begin(), name.end(),
                       [](char c)
                       {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                  c == '_' || c == '-' || c == '.';
                       });
}

/// One argument's completion: what to suggest for what was typed.
struct Completer
{
    std::string argument;
    std::function<tenon_status(Call&, std::string_view typed)> complete;
};

} // namespace detail

} // namespace tenon

#endif
