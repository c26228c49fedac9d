#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::store
{

/// The reply of Redis to one command.
struct RedisReply
{
    enum class Kind
    {
        NIL,
        NUMBER,
        TEXT, ///< a string or a status
        ERROR,
        ARRAY
    };
    Kind kind = Kind::NIL;
    std::int64_t number = 0;
    std::string text;
    std::vector<RedisReply> items;
};

/// A command: its words.
using RedisCommand = std::vector<std::string>;

} // namespace tenon::store
