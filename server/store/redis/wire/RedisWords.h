#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tenon::store
{

/// The words of a command as hiredis takes them; filled anew for each command, so that one that is kept needs no memory again.
///
/// Ownership: borrows the words.
class RedisWords
{
public:
    /// Shape: a range of strings, or of views of them.
    template <typename Words>
    void fill(const Words& words)
    {
        _texts.clear();
        _sizes.clear();
        for (const auto& word : words)
        {
            _texts.push_back(word.data());
            _sizes.push_back(word.size());
        }
    }
    [[nodiscard]] int count() const { return static_cast<int>(_texts.size()); }
    [[nodiscard]] const char** texts() { return _texts.data(); }
    [[nodiscard]] const std::size_t* sizes() const { return _sizes.data(); }
    [[nodiscard]] std::string name() const { return std::string(_texts.front(), _sizes.front()); }

private:
    std::vector<const char*> _texts;
    std::vector<std::size_t> _sizes;
};

} // namespace tenon::store
