#include "system/Places.h"

#include <cstdlib>
#include <vector>

namespace tenon::attach
{

namespace
{

std::vector<std::string> placesOfServers(const std::string& given)
{
    if (!given.empty())
        return {given};
    if (const char* named = std::getenv("TENON_ATTACH_SOCKET"); named && *named)
        return {named};
    return usualPlaces();
}

} // namespace

plugin::ByteStreamPtr connectToServer(const std::string& given, NoConnection& why)
{
    bool isBusy = false;
    for (const auto& place : placesOfServers(given))
    {
        if (auto stream = connectTo(place, why))
            return stream;
        isBusy = isBusy || why.isBusy;
    }
    why.isBusy = isBusy;
    return nullptr;
}

} // namespace tenon::attach
