#include "plugin/config/PluginConfig.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/Quantity.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>
#include <Poco/Glob.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/String.h>

#include <algorithm>
#include <string_view>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t DEFAULT_WORKER_CONCURRENCY = 64;
constexpr std::size_t MOST_WORKERS = 256;
constexpr std::size_t FRESH_WORKERS = 4; // kept ready where each call gets its own
constexpr std::chrono::milliseconds ORDER_TIMEOUT{5000};

bool matchesAny(const std::vector<std::string>& globs, const std::string& name)
{
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return Poco::Glob(glob).match(name); });
}

std::vector<std::string> absolute(std::vector<std::string> paths)
{
    for (auto& path : paths)
        path = Poco::Path(path).makeAbsolute().toString();
    return paths;
}

/// `text` as JSON if it is some, else as a JSON string: "true" is a boolean, "My tool" a text.
std::string asJson(const std::string& text)
{
    try
    {
        return base::toJson(base::JsonDocument::parse(text)->root());
    }
    catch (const Poco::DataFormatException&)
    {
        std::string json;
        base::JsonWriter::appendString(json, text);
        return json;
    }
}

/// One setting that is read as a text.
struct Given
{
    const base::Settings& settings;
    std::string key;
    std::string text;

    [[noreturn]] void mustBe(const std::string& form) const
    {
        settings.refuse(key, "must be " + form + ", but is '" + text + "'");
    }

    [[nodiscard]] std::size_t size() const
    {
        const auto bytes = base::sizeBytes(text);
        if (!bytes || *bytes <= 0)
            mustBe("a size such as 64k or 4M");
        return static_cast<std::size_t>(*bytes);
    }

    [[nodiscard]] std::int64_t durationMs() const
    {
        const auto duration = base::durationMs(text);
        if (!duration || *duration < 0)
            mustBe("a duration (30s, 5m, 1h, or milliseconds)");
        return *duration;
    }

    [[nodiscard]] std::int64_t number() const
    {
        Poco::Int64 number = 0;
        if (!Poco::NumberParser::tryParse64(text, number) || number < 0)
            mustBe("an integer from 0");
        return number;
    }
};

/// "each", or how many.
WorkerCount workersOf(const Given& given)
{
    if (given.text == "each")
        return {FRESH_WORKERS, true};
    Poco::Int64 count = 0;
    if (!Poco::NumberParser::tryParse64(given.text, count) || count < 1 || count > Poco::Int64(MOST_WORKERS))
        given.mustBe("'each' or an integer from 1 to " + std::to_string(MOST_WORKERS));
    return {static_cast<std::size_t>(count), false};
}

/// What can stand in front of the name of a tool.
void requirePrefix(const base::Settings& settings, const std::string& key)
{
    const std::string prefix = settings.text(key);
    if (std::any_of(prefix.begin(), prefix.end(),
                    [](char letter)
                    {
                        return !Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) && letter != '_' &&
                               letter != '-' && letter != '.';
                    }))
        settings.refuse(key, "may have letters, digits, '_', '-' and '.' only, but is '" + prefix + "'");
}

/// Makes the digest one in lower case; empty: any library will do.
void checkDigest(const base::Settings& settings, const std::string& key, std::string& digest)
{
    Poco::toLowerInPlace(digest);
    if (!digest.empty() && (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos))
        settings.refuse(key, "must be the 64 hexadecimal digits of the library's SHA-256");
}

/// Tool names may hold dots, so the end of a key decides what it is.
///
/// Shape: `key` is what follows "plugin.<name>.tool.", `given` the whole.
void readOverride(std::map<std::string, ToolOverride>& overrides, const std::string& key, const Given& given)
{
    const auto endsIn = [&](std::string_view end, std::string& tool)
    {
        if (key.size() <= end.size() || !key.ends_with(end))
            return false;
        tool = key.substr(0, key.size() - end.size());
        return true;
    };
    std::string tool;
    const auto annotations = key.rfind(".annotations.");
    if (annotations != std::string::npos && annotations > 0)
        overrides[key.substr(0, annotations)].annotations[key.substr(annotations + 13)] = asJson(given.text);
    else if (endsIn(".title", tool))
        overrides[tool].title = given.text;
    else if (endsIn(".description", tool))
        overrides[tool].description = given.text;
    else if (endsIn(".timeoutMs", tool))
        overrides[tool].timeoutMs = given.durationMs();
    else if (endsIn(".maxConcurrent", tool))
        overrides[tool].maxConcurrent = static_cast<std::size_t>(given.number());
    else if (endsIn(".maxResultBytes", tool))
        overrides[tool].maxResultBytes = given.size();
    else
        given.settings.refuse(given.key, "must end in .title, .description, .annotations.<name>, .timeoutMs, "
                                         ".maxConcurrent or .maxResultBytes");
}

} // namespace

PluginConfig PluginConfig::readOffered(const base::Settings& settings, const std::string& at, const std::string& name,
                                       std::size_t defaultMaxConcurrent)
{
    const auto count = [&](const char* key) { return static_cast<std::uint64_t>(settings.integer(at + key)); };

    PluginConfig config;
    config.name = name;
    config.enabled = settings.boolean(at + "enabled");
    config.prefix = settings.text(at + "prefix");
    requirePrefix(settings, at + "prefix");
    // Where a server has only one list, it says what is offered.
    config.allow = settings.list(at.starts_with("plugin.") ? at + "tools.allow" : at + "tools");
    config.deny = settings.list(at + "tools.deny");
    for (const auto& [key, value] : settings.under(at + "tool."))
        readOverride(config.overrides, key, {settings, at + "tool." + key, value});
    if (settings.isSet(at + "timeoutMs"))
        config.timeoutMs = settings.integer(at + "timeoutMs");
    config.maxConcurrent = count("maxConcurrent");
    if (config.maxConcurrent == 0)
        config.maxConcurrent = defaultMaxConcurrent;
    config.maxQueued = static_cast<std::size_t>(settings.integer("limits.maxQueuedCalls"));
    config.maxCrashes = count("maxCrashes");
    config.crashWindowMs = settings.integer(at + "crashWindowMs");
    config.graceMs = settings.integer("plugins.graceMs");
    config.loadTimeoutMs = settings.integer("plugins.loadTimeoutMs");
    config.environment = settings.under(at + "env.");
    config.limits = {count("limits.memoryMb") << 20, count("limits.cpuSeconds"), count("limits.descriptors"),
                     count("limits.processes"), count("limits.residentMb") << 20};
    config.sandbox.enabled = !settings.under(at + "sandbox.").empty();
    config.sandbox.read = absolute(settings.list(at + "sandbox.read"));
    config.sandbox.write = absolute(settings.list(at + "sandbox.write"));
    config.sandbox.network = settings.boolean(at + "sandbox.network");
    return config;
}

PluginConfig PluginConfig::read(const base::Settings& settings, const std::string& name,
                                std::size_t defaultMaxConcurrent)
{
    const std::string at = "plugin." + name + ".";
    const std::string isolation =
        settings.text(settings.isSet(at + "isolation") ? at + "isolation" : std::string("plugins.isolation"));
    const bool apart = isolation == "process";
    PluginConfig config = readOffered(settings, at, name, apart ? DEFAULT_WORKER_CONCURRENCY : defaultMaxConcurrent);
    config.isolation = apart ? Isolation::PROCESS : Isolation::NONE;
    config.settings.values = settings.under(at);
    for (const auto& [key, value] : config.settings.values)
        config.settings.folders[key] = settings.folderOf(at + key);
    config.sha256 = settings.text(at + "sha256");
    checkDigest(settings, at + "sha256", config.sha256);
    config.workers = workersOf({settings, at + "workers", settings.text(at + "workers")});
    if (config.sandbox.enabled && !apart)
        settings.refuse(at + "sandbox." + settings.under(at + "sandbox.").begin()->first,
                        "needs " + at + "isolation = process");
    config.sandbox.processes = settings.boolean(at + "sandbox.processes");
    return config;
}

std::size_t PluginConfig::largestMessage(const base::Settings& settings, const std::string& at)
{
    constexpr std::size_t OFFER_BYTES = 16 * 1024 * 1024;
    std::size_t most = OFFER_BYTES;
    const auto allow = [&most](const std::string& text)
    { most = std::max(most, static_cast<std::size_t>(base::sizeBytes(text).value_or(0))); };
    const auto limits = settings.under("limits."); // a room declares it that may not be there
    if (const auto all = limits.find("maxResultBytes"); all != limits.end())
        allow(all->second);
    for (const auto& [key, value] : settings.under(at))
        if (key.ends_with(".maxResultBytes"))
            allow(value);
    return most;
}

std::chrono::milliseconds PluginConfig::orderTimeout() const
{
    return timeoutMs && *timeoutMs > 0 ? std::chrono::milliseconds(*timeoutMs) : ORDER_TIMEOUT;
}

bool PluginConfig::offersTool(const std::string& tool) const
{
    return matchesAny(allow, tool) && !matchesAny(deny, tool);
}

} // namespace tenon::plugin
