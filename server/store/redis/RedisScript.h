#pragma once

#include "store/Archive.h"
#include "store/redis/wire/RedisReply.h"

#include <string>
#include <vector>

namespace tenon::store
{

/// A script that every connection makes known to its server, so that it is called by its digest: the text neither travels nor is
/// digested with each call.
///
/// Shape:     of static storage duration.
/// Threading: immutable.
class RedisScript
{
public:
    explicit RedisScript(std::string text);
    RedisScript(const RedisScript&) = delete;
    RedisScript& operator=(const RedisScript&) = delete;

    [[nodiscard]] const std::string& text() const { return _text; }
    [[nodiscard]] const std::string& digest() const { return _digest; } ///< 40 hex digits, for EVALSHA

    /// All there are. Complete before `main`.
    [[nodiscard]] static const std::vector<const RedisScript*>& all();

private:
    const std::string _text;
    const std::string _digest;
};

/// What a script did that answers 1 if it did, 0 if not, -1 if it cannot be known now. Shape: null: there was no answer.
[[nodiscard]] Outcome outcomeOf(const RedisReply* reply);

} // namespace tenon::store
