#pragma once

#include "schema/Schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema::test
{

/// A parsed text that lives as long as this.
class Json
{
public:
    explicit Json(std::string_view text, std::size_t maxDepth = 4096)
    {
        if (_parser.allocate(text.size() + 64, maxDepth))
            throw std::bad_alloc();
        _root = _parser.parse(text.data(), text.size()).value();
    }

    simdjson::dom::element root() const { return _root; }

private:
    simdjson::dom::parser _parser;
    simdjson::dom::element _root;
};

inline bool isValid(const Schema& schema, std::string_view instance)
{
    return schema.validate(Json(instance).root());
}

inline bool isValid(std::string_view schema, std::string_view instance)
{
    return isValid(*Schema::compile(schema), instance);
}

/// All messages, a line each.
inline std::string messages(std::string_view schema, std::string_view instance)
{
    return render(Schema::compile(schema)->violations(Json(instance).root()));
}

/// Why a schema is refused; empty if it is not.
inline std::string refusal(std::string_view schema, const Limits& limits = {})
{
    try
    {
        Schema::compile(schema, limits);
        return {};
    }
    catch (const SchemaException& exc)
    {
        return exc.message();
    }
}

inline bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace tenon::schema::test
