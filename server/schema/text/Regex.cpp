#include "schema/text/Regex.h"

#include "schema/SchemaException.h"

#include <re2/re2.h>

namespace tenon::schema
{

std::unique_ptr<const re2::RE2> compilePattern(std::string_view ecma)
{
    const Translation translation = translate(ecma);
    if (!translation.unsupported.empty())
        throw SchemaException("cannot be matched in linear time and is refused: it uses " + translation.unsupported);

    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    auto pattern = std::make_unique<re2::RE2>(re2::StringPiece(translation.pattern), options);
    if (!pattern->ok())
        throw SchemaException("is refused by RE2: " + pattern->error());
    return pattern;
}

bool search(const re2::RE2& pattern, std::string_view text)
{
    return pattern.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

} // namespace tenon::schema
