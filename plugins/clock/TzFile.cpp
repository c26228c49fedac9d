#include "clock/TzFile.h"

#include <algorithm>
#include <stdexcept>

namespace clock_plugin
{

namespace
{

constexpr std::size_t HEADER_SIZE = 44;
constexpr std::size_t MAX_COUNT = 100'000; // of anything: zones have a few hundred

[[noreturn]] void refuse(const char* why)
{
    throw std::runtime_error(std::string("a file of the time zone database is broken: ") + why);
}

struct Counts
{
    std::size_t isUt, isStandard, leaps, changes, types, characters;
};

} // namespace

/// Numbers of a file, the highest byte first.
class TzReader
{
public:
    explicit TzReader(std::string_view data) : _rest(data) {}

    std::string_view bytes(std::size_t size)
    {
        if (size > _rest.size())
            refuse("it ends too early");
        const std::string_view bytes = _rest.substr(0, size);
        _rest.remove_prefix(size);
        return bytes;
    }

    uint64_t number(std::size_t size)
    {
        uint64_t value = 0;
        for (const char c : bytes(size))
            value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }

    int64_t time(bool wide)
    {
        return wide ? static_cast<int64_t>(number(8)) : static_cast<int32_t>(static_cast<uint32_t>(number(4)));
    }

    /// The version, as its character.
    char header(Counts& counts)
    {
        TzReader header(bytes(HEADER_SIZE));
        if (header.bytes(4) != "TZif")
            refuse("it is none");
        const char version = header.bytes(16).front();
        for (std::size_t* count :
             {&counts.isUt, &counts.isStandard, &counts.leaps, &counts.changes, &counts.types, &counts.characters})
            if ((*count = static_cast<std::size_t>(header.number(4))) > MAX_COUNT)
                refuse("it counts too much");
        return version;
    }

    std::string_view rest() const { return _rest; }

private:
    std::string_view _rest;
};

TzFile::TzFile(const std::string& data)
{
    TzReader reader(data);
    TzReader ahead = reader;
    Counts first{};
    const bool wide = ahead.header(first) >= '2';
    if (wide)
        reader.bytes(HEADER_SIZE + first.changes * 5 + first.types * 6 + first.characters + first.leaps * 8 +
                     first.isStandard + first.isUt);
    readTable(reader, wide);
    if (!wide)
        return;
    std::string_view footer = reader.rest();
    const std::size_t end = footer.find('\n', 1);
    if (footer.empty() || footer.front() != '\n' || end == std::string_view::npos)
        refuse("it lacks its last line");
    footer = footer.substr(1, end - 1);
    if (!footer.empty() && !(_rule = TzRule::parse(footer)))
        refuse("its last line is not a rule");
}

void TzFile::readTable(TzReader& reader, bool wide)
{
    Counts counts{};
    reader.header(counts);
    for (std::size_t i = 0; i < counts.changes; ++i)
        _changes.push_back(reader.time(wide));
    for (std::size_t i = 0; i < counts.changes; ++i)
        _typeOf.push_back(static_cast<std::size_t>(reader.number(1)));
    std::vector<std::size_t> names;
    for (std::size_t i = 0; i < counts.types; ++i)
    {
        const auto offset = std::chrono::seconds(reader.time(false));
        const bool daylightSaving = reader.number(1) != 0;
        names.push_back(static_cast<std::size_t>(reader.number(1)));
        _types.push_back({offset, {}, daylightSaving});
    }
    const std::string_view characters = reader.bytes(counts.characters);
    reader.bytes(counts.leaps * (wide ? 12 : 8) + counts.isStandard + counts.isUt);

    for (std::size_t i = 0; i < names.size(); ++i)
    {
        const std::size_t end = characters.find('\0', names[i]);
        if (end == std::string_view::npos)
            refuse("a name lies outside of it");
        _types[i].abbreviation = characters.substr(names[i], end - names[i]);
    }
    if (_types.empty() || !std::is_sorted(_changes.begin(), _changes.end()) ||
        std::any_of(_typeOf.begin(), _typeOf.end(), [this](std::size_t type) { return type >= _types.size(); }))
        refuse("its table contradicts itself");
}

ZoneInfo TzFile::at(Instant instant) const
{
    const int64_t second = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
    if (_rule && (_changes.empty() || second > _changes.back()))
        return _rule->at(second);
    const auto next = std::upper_bound(_changes.begin(), _changes.end(), second);
    if (next == _changes.begin())
        return _types.front();
    return _types[_typeOf[static_cast<std::size_t>(next - _changes.begin()) - 1]];
}

} // namespace clock_plugin
