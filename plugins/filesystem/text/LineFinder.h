#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tenon::filesystem
{

/// Finds a text or a regular expression in lines.
///
/// Errors:    Failure (INVALID) from the constructor if it is no regular expression.
/// Threading: immutable; any thread. Linear in the line's length, whatever the expression.
class LineFinder
{
public:
    LineFinder(const std::string& content, bool regularExpression, bool caseSensitive);
    ~LineFinder();

    /// Where it was found first.
    struct Place
    {
        std::size_t at;
        std::size_t size;
    };

    bool find(std::string_view line, Place& place) const;

private:
    struct Expression;
    const std::unique_ptr<const Expression> _expression;
};

} // namespace tenon::filesystem
