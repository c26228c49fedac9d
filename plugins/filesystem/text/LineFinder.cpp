#include "filesystem/text/LineFinder.h"

#include "filesystem/Failure.h"

#include <re2/re2.h>

namespace tenon::filesystem
{

namespace
{

RE2::Options optionsFor(bool regularExpression, bool caseSensitive)
{
    RE2::Options options;
    options.set_literal(!regularExpression);
    options.set_case_sensitive(caseSensitive);
    options.set_log_errors(false);
    options.set_max_mem(4 << 20);
    return options;
}

} // namespace

struct LineFinder::Expression
{
    Expression(const std::string& content, bool regularExpression, bool caseSensitive)
        : re(content, optionsFor(regularExpression, caseSensitive))
    {
    }

    RE2 re;
};

LineFinder::LineFinder(const std::string& content, bool regularExpression, bool caseSensitive)
    : _expression(std::make_unique<Expression>(content, regularExpression, caseSensitive))
{
    if (!_expression->re.ok())
        throw Failure(Reason::INVALID, "The regular expression is not valid: " + _expression->re.error() +
                                           ". The syntax is RE2's: no look-around and no back-references.");
}

LineFinder::~LineFinder() = default;

bool LineFinder::find(std::string_view line, Place& place) const
{
    const re2::StringPiece text(line.data(), line.size());
    re2::StringPiece found;
    if (!_expression->re.Match(text, 0, text.size(), RE2::UNANCHORED, &found, 1))
        return false;
    place.at = static_cast<std::size_t>(found.data() - line.data());
    place.size = found.size();
    return true;
}

} // namespace tenon::filesystem
