#pragma once

#include "base/Principal.h"
#include "guard/login/Digest.h"

#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::guard
{

/// Credentials that were found good a moment ago, so that a signature or a password is not checked with every request,
/// and a client that is logged in is not locked out by others behind its address who guess.
///
/// Credentials are kept as an HMAC under a key of this process. Two generations of limited size: when the young one is
/// full it becomes the old one, and what was in the old one is forgotten.
///
/// Units:     milliseconds of `Clock::steadyMs`.
/// Threading: any thread.
class CredentialCache
{
public:
    explicit CredentialCache(std::size_t entries = 4096);

    /// The key of a credential. Shape: `kind` keeps a password from passing for a token.
    [[nodiscard]] Digest keyOf(char kind, std::string_view credential) const;

    /// Null if it is unknown or too old.
    [[nodiscard]] base::PrincipalPtr find(const Digest& key, std::int64_t nowMs);

    void put(const Digest& key, base::PrincipalPtr principal, std::int64_t untilMs);

    [[nodiscard]] std::size_t size() const;

private:
    struct Hash
    {
        std::size_t operator()(const Digest& digest) const noexcept
        {
            std::size_t hash;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };
    struct Entry
    {
        base::PrincipalPtr principal;
        std::int64_t untilMs = 0;
    };
    using Generation = std::unordered_map<Digest, Entry, Hash>;

    void insert(const Digest& key, Entry entry);

    const std::string _secret;
    const std::size_t _halfEntries;

    mutable std::mutex _mutex; // guards all below
    Generation _young, _old;
};

} // namespace tenon::guard
