#include "plugin/attach/KeptOffers.h"

#include "plugin/call/PluginLog.h"
#include "plugin/worker/channel/OfferFields.h"

#include <Poco/DirectoryIterator.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/StreamCopier.h>

#include <cstdint>
#include <filesystem>

namespace tenon::plugin
{

namespace
{

constexpr std::string_view GREETING = "tenon-offer";
constexpr std::uint64_t VERSION = 1;
constexpr const char* SUFFIX = ".offer";
constexpr std::size_t MAX_BYTES = std::size_t(64) << 20;

/// Nothing if the bytes are not what `keep` wrote.
std::optional<KeptOffers::Kept> read(const std::string& name, const std::string& bytes)
{
    FieldReader in(bytes);
    if (in.text() != GREETING || in.number() != VERSION)
        return {};
    KeptOffers::Kept kept{name, {}, {}};
    if (const auto away = in.number(); away != 0)
        kept.awaySince = std::chrono::system_clock::time_point(std::chrono::seconds(away));
    kept.offer = readOffer(in);
    return in.good() ? std::optional(std::move(kept)) : std::nullopt;
}

} // namespace

std::string KeptOffers::fileOf(const std::string& name) const
{
    return Poco::Path(Poco::Path::forDirectory(_folder), name + SUFFIX).toString();
}

std::vector<KeptOffers::Kept> KeptOffers::all() const
{
    std::vector<Kept> found;
    if (_folder.empty() || !Poco::File(_folder).exists())
        return found;
    for (Poco::DirectoryIterator entry(_folder), end; entry != end; ++entry)
    {
        const std::string& file = entry.name();
        if (!file.ends_with(SUFFIX) || !entry->isFile() || entry->getSize() > MAX_BYTES)
            continue;
        try
        {
            std::string bytes;
            Poco::FileInputStream stream(entry->path());
            Poco::StreamCopier::copyToString(stream, bytes);
            if (auto kept = read(file.substr(0, file.size() - std::string_view(SUFFIX).size()), bytes))
                found.push_back(std::move(*kept));
        }
        catch (const Poco::Exception& exc)
        {
            logOfPlugin("attach", TENON_LOG_WARNING, file + " cannot be read: " + exc.displayText());
        }
    }
    return found;
}

void KeptOffers::keep(const Kept& kept) const
{
    if (_folder.empty())
        return;
    std::string bytes;
    FieldWriter out(bytes);
    const auto away = kept.awaySince
                          ? std::chrono::duration_cast<std::chrono::seconds>(kept.awaySince->time_since_epoch())
                          : std::chrono::seconds(0);
    out.text(GREETING).number(VERSION).number(static_cast<std::uint64_t>(away.count()));
    writeOffer(out, kept.offer);
    try
    {
        // A new file in its place, whole: the server may end in the middle.
        const std::string file = fileOf(kept.name), made = file + ".new";
        if (!Poco::File(_folder).exists())
        {
            Poco::File(_folder).createDirectories();
            std::filesystem::permissions(_folder, std::filesystem::perms::owner_all);
        }
        {
            Poco::FileOutputStream stream(made, std::ios::binary | std::ios::trunc);
            stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            stream.close();
        }
        std::filesystem::rename(made, file);
    }
    catch (const Poco::Exception& exc)
    {
        logOfPlugin("attach", TENON_LOG_WARNING,
                    "the offer of '" + kept.name + "' is not kept over a restart: " + exc.displayText());
    }
    catch (const std::exception& exc)
    {
        logOfPlugin("attach", TENON_LOG_WARNING,
                    "the offer of '" + kept.name + "' is not kept over a restart: " + exc.what());
    }
}

void KeptOffers::forget(const std::string& name) const
{
    if (_folder.empty())
        return;
    std::error_code ignored; // it may never have been written
    std::filesystem::remove(fileOf(name), ignored);
}

} // namespace tenon::plugin
