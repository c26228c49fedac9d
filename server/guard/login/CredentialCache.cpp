#include "guard/login/CredentialCache.h"

#include "base/text/RandomId.h"

#include <algorithm>

namespace tenon::guard
{

CredentialCache::CredentialCache(std::size_t entries)
    : _secret(base::randomBytes(32)), _halfEntries(std::max<std::size_t>(1, entries / 2))
{
}

Digest CredentialCache::keyOf(char kind, std::string_view credential) const
{
    std::string text;
    text.reserve(credential.size() + 1);
    text += kind;
    text += credential;
    return hmacSha256(_secret, text);
}

base::PrincipalPtr CredentialCache::find(const Digest& key, std::int64_t nowMs)
{
    const std::lock_guard lock(_mutex);
    auto found = _young.find(key);
    if (found != _young.end())
    {
        if (found->second.untilMs > nowMs)
            return found->second.principal;
        _young.erase(found);
        return nullptr;
    }
    found = _old.find(key);
    if (found == _old.end())
        return nullptr;
    Entry entry = std::move(found->second);
    _old.erase(found);
    if (entry.untilMs <= nowMs)
        return nullptr;
    base::PrincipalPtr principal = entry.principal;
    insert(key, std::move(entry));
    return principal;
}

void CredentialCache::put(const Digest& key, base::PrincipalPtr principal, std::int64_t untilMs)
{
    const std::lock_guard lock(_mutex);
    insert(key, {std::move(principal), untilMs});
}

void CredentialCache::insert(const Digest& key, Entry entry)
{
    if (_young.size() >= _halfEntries)
    {
        _old = std::move(_young);
        _young.clear();
    }
    _young.insert_or_assign(key, std::move(entry));
}

std::size_t CredentialCache::size() const
{
    const std::lock_guard lock(_mutex);
    return _young.size() + _old.size();
}

} // namespace tenon::guard
