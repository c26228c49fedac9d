#pragma once

#include "store/redis/RedisReply.h"

#include <cstddef>
#include <vector>

namespace tenon::store
{

/// The words of a command as hiredis takes them.
///
/// Ownership: borrows the command.
class RedisWords
{
public:
    explicit RedisWords(const RedisCommand& command)
    {
        _texts.reserve(command.size());
        _sizes.reserve(command.size());
        for (const auto& word : command)
        {
            _texts.push_back(word.data());
            _sizes.push_back(word.size());
        }
    }
    [[nodiscard]] int count() const { return static_cast<int>(_texts.size()); }
    [[nodiscard]] const char** texts() { return _texts.data(); }
    [[nodiscard]] const std::size_t* sizes() const { return _sizes.data(); }

private:
    std::vector<const char*> _texts;
    std::vector<std::size_t> _sizes;
};

} // namespace tenon::store
