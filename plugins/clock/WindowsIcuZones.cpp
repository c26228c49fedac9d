#include "clock/WindowsIcu.h"
#include "clock/WindowsZones.h"

#include <algorithm>
#include <stdexcept>

namespace clock_plugin
{

namespace
{

using windows_icu::Functions;

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
    Calendar(const Functions& icu, const std::string& zone) : _icu(icu)
    {
        const std::u16string id = widened(zone);
        _calendar = _icu.open(id.data(), static_cast<int32_t>(id.size()), "en_US", windows_icu::GREGORIAN, &_error);
        if (failed())
            throw std::runtime_error("there is no time zone " + zone);
    }

    Calendar(const Calendar&) = delete;
    Calendar& operator=(const Calendar&) = delete;
    ~Calendar() { _icu.close(_calendar); }

    void set(Instant instant)
    {
        _icu.setMillis(_calendar, static_cast<double>(instant.time_since_epoch().count()), &_error);
    }

    std::chrono::milliseconds get(int32_t field)
    {
        return std::chrono::milliseconds(_icu.get(_calendar, field, &_error));
    }

    std::string abbreviation(bool daylightSaving)
    {
        char16_t text[32];
        const int32_t size =
            _icu.displayName(_calendar, daylightSaving ? windows_icu::SHORT_DST : windows_icu::SHORT_STANDARD, "en_US",
                             text, 32, &_error);
        return failed() ? std::string() : narrowed(text, size);
    }

    bool failed() const { return _error > 0; }

private:
    const Functions& _icu;
    void* _calendar = nullptr;
    int32_t _error = 0;
};

/// Makes a calendar for each question: one cannot be asked by several threads.
class IcuRules : public ZoneRules
{
public:
    IcuRules(const Functions& icu, std::string name) : _icu(icu), _name(std::move(name)) {}

    ZoneInfo at(Instant instant) const override
    {
        Calendar calendar(_icu, _name);
        calendar.set(instant);
        const auto saving = calendar.get(windows_icu::DST_OFFSET);
        const auto offset =
            std::chrono::duration_cast<std::chrono::seconds>(calendar.get(windows_icu::ZONE_OFFSET) + saving);
        const bool daylightSaving = saving != std::chrono::milliseconds(0);
        return {offset, calendar.abbreviation(daylightSaving), daylightSaving};
    }

private:
    const Functions& _icu;
    const std::string _name;
};

class IcuZones : public WindowsZones
{
public:
    explicit IcuZones(const Functions& icu) : _icu(icu), _names(read(icu)) {}

    std::shared_ptr<const ZoneRules> rules(const std::string& name) const override
    {
        // ICU takes any name and answers with GMT: only those that it lists are there.
        if (!std::binary_search(_names.begin(), _names.end(), name))
            return nullptr;
        return std::make_shared<IcuRules>(_icu, name);
    }

    std::vector<std::string> names() const override { return _names; }

    std::string systemZone() const override
    {
        int32_t error = 0;
        char16_t name[64];
        const int32_t size = _icu.defaultTimeZone(name, 64, &error);
        return error > 0 || size <= 0 || size > 64 ? std::string() : narrowed(name, size);
    }

private:
    static std::vector<std::string> read(const Functions& icu)
    {
        int32_t error = 0;
        void* const zones = icu.openTimeZones(&error);
        std::vector<std::string> names;
        int32_t size = 0;
        while (const char16_t* name = error > 0 ? nullptr : icu.next(zones, &size, &error))
            names.push_back(narrowed(name, size));
        icu.closeEnumeration(zones);
        std::sort(names.begin(), names.end());
        return names;
    }

    const Functions& _icu;
    const std::vector<std::string> _names;
};

} // namespace

std::unique_ptr<WindowsZones> icuZones()
{
    const Functions* const icu = windows_icu::functions();
    auto zones = icu ? std::make_unique<IcuZones>(*icu) : nullptr;
    return zones && !zones->names().empty() ? std::move(zones) : nullptr;
}

} // namespace clock_plugin
