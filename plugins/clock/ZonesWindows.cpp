#include "clock/Zones.h"

#include "clock/WindowsIcu.h"

#include <algorithm>
#include <stdexcept>

namespace clock_plugin
{

namespace
{

using namespace windows_icu;

std::u16string widened(const std::string& ascii)
{
    return {ascii.begin(), ascii.end()};
}

std::string narrowed(const char16_t* text, int32_t size)
{
    std::string ascii;
    for (int32_t at = 0; at < size; ++at)
        ascii += text[at] < 128 ? static_cast<char>(text[at]) : '?';
    return ascii;
}

/// A calendar of one zone, closed at the end.
class Calendar
{
public:
    explicit Calendar(const std::string& zone)
    {
        const std::u16string id = widened(zone);
        _calendar = icu().open(id.data(), static_cast<int32_t>(id.size()), "en_US", GREGORIAN, &_error);
        if (failed())
            throw std::runtime_error("there is no time zone " + zone);
    }

    Calendar(const Calendar&) = delete;
    Calendar& operator=(const Calendar&) = delete;
    ~Calendar() { icu().close(_calendar); }

    void set(Instant instant)
    {
        icu().setMillis(_calendar, static_cast<double>(instant.time_since_epoch().count()), &_error);
    }

    std::chrono::milliseconds get(int32_t field)
    {
        return std::chrono::milliseconds(icu().get(_calendar, field, &_error));
    }

    std::string abbreviation(bool daylightSaving)
    {
        char16_t text[32];
        const int32_t size =
            icu().displayName(_calendar, daylightSaving ? SHORT_DST : SHORT_STANDARD, "en_US", text, 32, &_error);
        return failed() ? std::string() : narrowed(text, size);
    }

    bool failed() const { return _error > 0; }

private:
    void* _calendar = nullptr;
    int32_t _error = 0;
};

/// Makes a calendar for each question: one cannot be asked by several threads.
class IcuRules : public ZoneRules
{
public:
    explicit IcuRules(std::string name) : _name(std::move(name)) {}

    ZoneInfo at(Instant instant) const override
    {
        Calendar calendar(_name);
        calendar.set(instant);
        const auto saving = calendar.get(DST_OFFSET);
        const auto offset = std::chrono::duration_cast<std::chrono::seconds>(calendar.get(ZONE_OFFSET) + saving);
        const bool daylightSaving = saving != std::chrono::milliseconds(0);
        return {offset, calendar.abbreviation(daylightSaving), daylightSaving};
    }

private:
    const std::string _name;
};

std::vector<std::string> readZoneNames()
{
    int32_t error = 0;
    void* const zones = icu().openTimeZones(&error);
    std::vector<std::string> names;
    int32_t size = 0;
    while (const char16_t* name = icu().next(zones, &size, &error))
    {
        if (error > 0)
            break;
        names.push_back(narrowed(name, size));
    }
    icu().closeEnumeration(zones);
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

std::shared_ptr<const ZoneRules> zoneRules(const std::string& name)
{
    // ICU takes any name and answers with GMT: only those that it lists are there.
    const std::vector<std::string> names = zoneNames();
    if (!std::binary_search(names.begin(), names.end(), name))
        return nullptr;
    return std::make_shared<IcuRules>(name);
}

std::vector<std::string> zoneNames()
{
    static const std::vector<std::string> names = readZoneNames();
    return names;
}

std::string systemZone()
{
    int32_t error = 0;
    char16_t name[64];
    const int32_t size = icu().defaultTimeZone(name, 64, &error);
    return error > 0 || size <= 0 || size > 64 ? std::string() : narrowed(name, size);
}

} // namespace clock_plugin
