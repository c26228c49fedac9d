#include "base/text/NearestName.h"

#include "base/text/Ascii.h"

#include <algorithm>
#include <vector>

namespace tenon::base
{

namespace
{

std::size_t editsBetween(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t column = 0; column < row.size(); ++column)
        row[column] = column;
    for (std::size_t line = 1; line <= left.size(); ++line)
    {
        std::size_t diagonal = row[0];
        row[0] = line;
        for (std::size_t column = 1; column < row.size(); ++column)
        {
            const std::size_t above = row[column];
            const std::size_t replaced = diagonal + (lowerOf(left[line - 1]) == lowerOf(right[column - 1]) ? 0 : 1);
            row[column] = std::min({above + 1, row[column - 1] + 1, replaced});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

void NearestName::consider(std::string_view name)
{
    const std::size_t edits = editsBetween(_wanted, name);
    if (edits >= _distance)
        return;
    _distance = edits;
    _name = name;
}

} // namespace tenon::base
