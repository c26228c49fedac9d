#include "filesystem/text/LineDiff.h"

#include <algorithm>
#include <vector>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t CONTEXT = 3;
constexpr int MAX_DIFFERENCES = 2000;

using Lines = std::vector<std::string_view>;

/// Lines with their ends.
Lines split(std::string_view text)
{
    Lines lines;
    while (!text.empty())
    {
        const std::size_t newline = text.find('\n');
        const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

/// Lines that both texts have, as half-open ranges that begin at `a` and `b`.
struct Common
{
    std::size_t a;
    std::size_t b;
    std::size_t size;
};

/// Myers' greedy search for the shortest way from one text to the other, between their common beginning and end.
class Comparison
{
public:
    Comparison(const Lines& a, const Lines& b) : _a(a), _b(b)
    {
        while (_head < a.size() && _head < b.size() && a[_head] == b[_head])
            ++_head;
        while (_tail < a.size() - _head && _tail < b.size() - _head &&
               a[a.size() - 1 - _tail] == b[b.size() - 1 - _tail])
            ++_tail;
    }

    /// Ascending; the last one is where both texts end, with no lines in it if need be.
    std::vector<Common> run()
    {
        std::vector<Common> common;
        if (_head > 0)
            common.push_back({0, 0, _head});
        search();
        for (auto step = _path.rbegin(); step != _path.rend(); ++step)
            common.push_back(*step);
        common.push_back({_a.size() - _tail, _b.size() - _tail, _tail});
        return common;
    }

private:
    int sizeA() const { return static_cast<int>(_a.size() - _head - _tail); }
    int sizeB() const { return static_cast<int>(_b.size() - _head - _tail); }

    bool same(int x, int y) const
    {
        return _a[_head + static_cast<std::size_t>(x)] == _b[_head + static_cast<std::size_t>(y)];
    }

    void search()
    {
        const int n = sizeA();
        const int m = sizeB();
        if (n == 0 || m == 0)
            return;
        const int limit = std::min(n + m, MAX_DIFFERENCES);
        std::vector<int> furthest(static_cast<std::size_t>(2 * limit + 3), 0);
        const auto at = [&](int diagonal) -> int& { return furthest[static_cast<std::size_t>(diagonal + limit + 1)]; };
        std::vector<std::vector<int>> history;
        for (int d = 0; d <= limit; ++d)
        {
            history.emplace_back(furthest.begin() + limit + 1 - d, furthest.begin() + limit + 2 + d);
            for (int k = -d; k <= d; k += 2)
            {
                int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
                while (x < n && x - k < m && same(x, x - k))
                    ++x;
                at(k) = x;
                if (x >= n && x - k >= m)
                {
                    walkBack(history, d);
                    return;
                }
            }
        }
    }

    /// From the end of both texts to their beginnings, through what every step began with.
    void walkBack(const std::vector<std::vector<int>>& history, int d)
    {
        int x = sizeA();
        int y = sizeB();
        for (; d >= 0; --d)
        {
            const std::vector<int>& furthest = history[static_cast<std::size_t>(d)];
            const auto at = [&](int diagonal)
            {
                const int index = diagonal + d;
                return index < 0 || index > 2 * d ? 0 : furthest[static_cast<std::size_t>(index)];
            };
            const int k = x - y;
            const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
            const int startX = d == 0 ? 0 : down ? at(k + 1) : at(k - 1) + 1;
            const int size = x - startX;
            if (size > 0)
                _path.push_back({_head + static_cast<std::size_t>(startX), _head + static_cast<std::size_t>(startX - k),
                                 static_cast<std::size_t>(size)});
            x = down ? startX : startX - 1;
            y = down ? startX - k - 1 : startX - k;
        }
    }

    const Lines& _a;
    const Lines& _b;
    std::size_t _head = 0;
    std::size_t _tail = 0;
    std::vector<Common> _path; ///< from the end
};

/// Writes hunks as differences come in.
class Hunks
{
public:
    Hunks(const Lines& a, const Lines& b) : _a(a), _b(b) {}

    void difference(std::size_t a, std::size_t endA, std::size_t b, std::size_t endB)
    {
        if (_open && a - _a1 > 2 * CONTEXT)
            close();
        if (!_open)
        {
            const std::size_t context = std::min(CONTEXT, a);
            _a0 = a - context;
            _b0 = b - context;
            _a1 = _a0;
            _b1 = _b0;
            _open = true;
        }
        keep(a - _a1);
        for (; _a1 < endA; ++_a1)
            line('-', _a[_a1]);
        for (; _b1 < endB; ++_b1)
            line('+', _b[_b1]);
    }

    std::string finish()
    {
        if (_open)
            close();
        return std::move(_text);
    }

private:
    void line(char sign, std::string_view text)
    {
        _body += sign;
        _body += text;
        if (text.back() != '\n')
            _body += "\n\\ No newline at end of file\n";
    }

    void keep(std::size_t count)
    {
        for (; count > 0; --count, ++_a1, ++_b1)
            line(' ', _a[_a1]);
    }

    static std::string range(std::size_t begin, std::size_t end)
    {
        // An empty range names the line before it.
        return std::to_string(end == begin ? begin : begin + 1) + "," + std::to_string(end - begin);
    }

    void close()
    {
        keep(std::min(CONTEXT, _a.size() - _a1));
        _text += "@@ -" + range(_a0, _a1) + " +" + range(_b0, _b1) + " @@\n" + _body;
        _body.clear();
        _open = false;
    }

    const Lines& _a;
    const Lines& _b;
    std::string _text;
    std::string _body;
    bool _open = false;
    std::size_t _a0 = 0, _a1 = 0, _b0 = 0, _b1 = 0; ///< lines of the hunk so far
};

} // namespace

std::string unifiedDiff(std::string_view before, std::string_view after, const std::string& name)
{
    if (before == after)
        return {};
    const Lines a = split(before);
    const Lines b = split(after);
    Hunks hunks(a, b);
    std::size_t atA = 0;
    std::size_t atB = 0;
    for (const Common& common : Comparison(a, b).run())
    {
        if (common.a > atA || common.b > atB)
            hunks.difference(atA, common.a, atB, common.b);
        atA = common.a + common.size;
        atB = common.b + common.size;
    }
    return "--- a/" + name + "\n+++ b/" + name + "\n" + hunks.finish();
}

} // namespace tenon::filesystem
