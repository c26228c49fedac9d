#ifndef TENON_SKILL_HPP
#define TENON_SKILL_HPP

#include <tenon/detail/sha256.hpp>
#include <tenon/resource.hpp>

namespace tenon
{

namespace detail
{

/// A skill's folder: SKILL.md and further files, by their path within it.
struct Skill
{
    struct File
    {
        std::string mimeType;
        std::string data;
        bool binary;
    };

    std::string folder; ///< skill://acme/greeter
    std::string name;   ///< greeter
    std::string description;
    std::map<std::string, File> files;

    std::string uriOf(std::string_view path) const { return folder + '/' + std::string(path); }

    void write(JsonWriter& writer) const
    {
        writer.beginObject().member("uri", uriOf("SKILL.md")).key("frontmatter").beginObject();
        writer.member("name", name).member("description", description).endObject().key("resources").beginArray();
        for (const auto& [path, file] : files)
            writer.beginObject()
                .member("uri", uriOf(path))
                .member("digest", "sha256:" + sha256(file.data))
                .member("size", file.data.size())
                .endObject();
        writer.endArray().endObject();
    }
};

inline bool isValidSkillName(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && name.front() != '-' && name.back() != '-' &&
           name.find("--") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// The names that stand directly in `folder` of a skill, and whether each is a folder itself; nothing if there is no
/// such folder.
inline std::map<std::string, bool> childrenOf(const Skill& skill, std::string_view folder)
{
    std::map<std::string, bool> children;
    const std::string prefix = std::string(folder) + '/';
    for (const auto& entry : skill.files)
    {
        const std::string uri = skill.uriOf(entry.first);
        if (uri.compare(0, prefix.size(), prefix) != 0)
            continue;
        const std::size_t slash = uri.find('/', prefix.size());
        children.emplace(uri.substr(prefix.size(), slash == std::string::npos ? slash : slash - prefix.size()),
                         slash != std::string::npos);
    }
    return children;
}

} // namespace detail

/// Declares one skill: instructions for models, with the files they speak of. Made by `plugin.skill(...)`. Each file is
/// a resource too.
///
///     plugin.skill("skill://acme/invoices", "How invoices are written here", "# Invoices\n…")
///         .file("examples/first.md", "…", "text/markdown");
class SkillBuilder
{
public:
    using AddResource = std::function<ResourceBuilder(std::string uri, std::string name, std::string description)>;

    SkillBuilder(detail::Skill& skill, AddResource addResource) : _skill(&skill), _addResource(std::move(addResource))
    {
    }

    SkillBuilder& file(std::string path, std::string text, std::string mimeType = "text/plain")
    {
        return add(std::move(path), {std::move(mimeType), std::move(text), false});
    }

    SkillBuilder& file(std::string path, Bytes data, std::string mimeType = "application/octet-stream")
    {
        return add(std::move(path), {std::move(mimeType), std::move(data.data), true});
    }

private:
    SkillBuilder& add(std::string path, detail::Skill::File file)
    {
        const bool isSkill = path == "SKILL.md";
        const auto added = _skill->files.emplace(path, std::move(file));
        if (!added.second)
            throw std::invalid_argument("the skill " + _skill->folder + " has the file " + path + " twice");
        const detail::Skill::File* const kept = &added.first->second;
        _addResource(_skill->uriOf(path), isSkill ? _skill->name : path, isSkill ? _skill->description : std::string())
            .mimeType(kept->mimeType)
            .size(static_cast<int64_t>(kept->data.size()))
            .handle([kept]
                    { return kept->binary ? ResourceResult().blob({kept->data}) : ResourceResult().text(kept->data); });
        return *this;
    }

    detail::Skill* _skill;
    AddResource _addResource;
};

} // namespace tenon

#endif
