#include "guard/limits/KeyHash.h"

#include "base/text/RandomId.h"

#include <cstring>
#include <string>

namespace tenon::guard
{

namespace
{

std::uint64_t randomSeed()
{
    std::uint64_t seed;
    const std::string bytes = base::randomBytes(sizeof seed);
    std::memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
}

} // namespace

KeyHash::KeyHash() : _seed(randomSeed()) {}

std::uint64_t KeyHash::operator()(std::string_view text) const
{
    // A multiplication and a shift for every byte.
    std::uint64_t hash = _seed;
    for (const char letter : text)
    {
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    hash = (hash ^ _seed) * 0xbf58476d1ce4e5b9ULL;
    hash ^= hash >> 32;
    return hash == 0 ? 1 : hash;
}

} // namespace tenon::guard
