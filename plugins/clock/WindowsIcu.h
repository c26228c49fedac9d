#pragma once

#include <windows.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

/// The few functions of Windows' ICU that the clock needs, looked up in icu.dll at the first use: MinGW has no header
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

/// Errors: std::runtime_error if Windows is older than 10 1903.
inline const Functions& icu()
{
    static const Functions functions = []
    {
        const HMODULE library = LoadLibraryExW(L"icu.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
        if (!library)
            throw std::runtime_error("icu.dll is missing: time zones need Windows 10 1903 or later");
        const auto load = [library](auto& function, const char* name)
        {
            function = reinterpret_cast<std::decay_t<decltype(function)>>(
                reinterpret_cast<void*>(GetProcAddress(library, name)));
            if (!function)
                throw std::runtime_error(std::string("icu.dll lacks ") + name);
        };
        Functions loaded{};
        load(loaded.open, "ucal_open");
        load(loaded.close, "ucal_close");
        load(loaded.setMillis, "ucal_setMillis");
        load(loaded.get, "ucal_get");
        load(loaded.displayName, "ucal_getTimeZoneDisplayName");
        load(loaded.openTimeZones, "ucal_openTimeZones");
        load(loaded.defaultTimeZone, "ucal_getDefaultTimeZone");
        load(loaded.next, "uenum_unext");
        load(loaded.closeEnumeration, "uenum_close");
        return loaded;
    }();
    return functions;
}

} // namespace clock_plugin::windows_icu
