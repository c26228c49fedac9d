#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon::schema
{

/// The members, by their place in the object, or items of one value that some subschema has evaluated: what
/// `unevaluatedProperties` and `unevaluatedItems` leave alone. Up to 256 places without allocation.
class Evaluated
{
public:
    void mark(std::size_t place)
    {
        const std::size_t word = place / 64;
        const std::uint64_t bit = std::uint64_t(1) << (place % 64);
        if (word < _words.size())
        {
            _words[word] |= bit;
            return;
        }
        const std::size_t more = word - _words.size();
        if (more >= _more.size())
            _more.resize(more + 1);
        _more[more] |= bit;
    }

    /// Marks all places below `end`.
    void markBelow(std::size_t end) { _below = end > _below ? end : _below; }

    void markAll() { _below = SIZE_MAX; }

    bool has(std::size_t place) const
    {
        if (place < _below)
            return true;
        const std::size_t word = place / 64;
        const std::uint64_t bit = std::uint64_t(1) << (place % 64);
        if (word < _words.size())
            return (_words[word] & bit) != 0;
        const std::size_t more = word - _words.size();
        return more < _more.size() && (_more[more] & bit) != 0;
    }

    void merge(const Evaluated& other)
    {
        markBelow(other._below);
        for (std::size_t i = 0; i < _words.size(); ++i)
            _words[i] |= other._words[i];
        if (other._more.size() > _more.size())
            _more.resize(other._more.size());
        for (std::size_t i = 0; i < other._more.size(); ++i)
            _more[i] |= other._more[i];
    }

private:
    std::size_t _below = 0;
    std::array<std::uint64_t, 4> _words{};
    std::vector<std::uint64_t> _more;
};

} // namespace tenon::schema
