#pragma once

#include <windows.h>

#include <cstdint>
#include <type_traits>

/// The few functions of Windows' ICU that the clock needs, looked up at the first use: MinGW has no header
/// and no import library for it. Spec: unicode/ucal.h, unicode/uenum.h.
namespace clock_plugin::windows_icu
{

constexpr int32_t GREGORIAN = 1;      // UCAL_GREGORIAN
constexpr int32_t ZONE_OFFSET = 15;   // UCAL_ZONE_OFFSET, milliseconds
constexpr int32_t DST_OFFSET = 16;    // UCAL_DST_OFFSET, milliseconds
constexpr int32_t SHORT_STANDARD = 1; // UCAL_SHORT_STANDARD
constexpr int32_t SHORT_DST = 3;      // UCAL_SHORT_DST

struct Functions
{
    void* (*open)(const char16_t* zone, int32_t size, const char* locale, int32_t type, int32_t* error);
    void (*close)(void* calendar);
    void (*setMillis)(void* calendar, double instant, int32_t* error);
    int32_t (*get)(const void* calendar, int32_t field, int32_t* error);
    int32_t (*displayName)(const void* calendar, int32_t type, const char* locale, char16_t* text, int32_t capacity,
                           int32_t* error);
    void* (*openTimeZones)(int32_t* error);
    int32_t (*defaultTimeZone)(char16_t* text, int32_t capacity, int32_t* error);
    const char16_t* (*next)(void* enumeration, int32_t* size, int32_t* error);
    void (*closeEnumeration)(void* enumeration);
};

/// Null if the system has no ICU: Windows has icu.dll since 10 1903, its two parts since 10 1703, and Wine has none.
inline const Functions* functions()
{
    static const Functions* const found = []() -> const Functions*
    {
        static Functions loaded{};
        const auto open = [](const wchar_t* name)
        { return LoadLibraryExW(name, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32); };
        const HMODULE whole = open(L"icu.dll");
        const HMODULE calendars = whole ? whole : open(L"icuin.dll"), common = whole ? whole : open(L"icuuc.dll");
        if (!calendars || !common)
            return nullptr;
        bool complete = true;
        const auto load = [&complete](HMODULE library, auto& function, const char* name)
        {
            function = reinterpret_cast<std::decay_t<decltype(function)>>(
                reinterpret_cast<void*>(GetProcAddress(library, name)));
            complete = complete && function;
        };
        load(calendars, loaded.open, "ucal_open");
        load(calendars, loaded.close, "ucal_close");
        load(calendars, loaded.setMillis, "ucal_setMillis");
        load(calendars, loaded.get, "ucal_get");
        load(calendars, loaded.displayName, "ucal_getTimeZoneDisplayName");
        load(calendars, loaded.openTimeZones, "ucal_openTimeZones");
        load(calendars, loaded.defaultTimeZone, "ucal_getDefaultTimeZone");
        load(common, loaded.next, "uenum_unext");
        load(common, loaded.closeEnumeration, "uenum_close");
        return complete ? &loaded : nullptr;
    }();
    return found;
}

} // namespace clock_plugin::windows_icu
