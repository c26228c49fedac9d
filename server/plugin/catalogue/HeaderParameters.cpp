#include "plugin/catalogue/HeaderParameters.h"

#include "base/json/JsonDocument.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>
#include <Poco/String.h>

#include <algorithm>
#include <array>
#include <set>

namespace tenon::plugin
{

namespace
{

constexpr std::string_view KEYWORD = "x-mcp-header";
constexpr std::string_view TOKEN_MARKS = "!#$%&'*+-.^_`|~";

// What stands under these is an example value, not a schema: the word means nothing there.
constexpr std::array<std::string_view, 5> VALUES = {"const", "enum", "default", "examples", "required"};

bool isTokenLetter(char letter)
{
    return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) ||
           TOKEN_MARKS.find(letter) != std::string_view::npos;
}

std::string join(const std::vector<std::string>& path)
{
    std::string text;
    for (const auto& name : path)
        text += "/" + name;
    return text.empty() ? "/" : text;
}

class Collector
{
public:
    std::vector<HeaderParameter> found;

    /// `schema` is one; `reachable` tells whether only `properties` led here.
    void visit(const simdjson::dom::element& schema, bool reachable)
    {
        simdjson::dom::object members;
        if (schema.get_object().get(members))
            return;
        for (const auto member : members)
        {
            if (member.key == KEYWORD)
                take(schema, member.value, reachable);
            else if (member.key == "properties")
                visitProperties(member.value, reachable);
            else if (std::find(VALUES.begin(), VALUES.end(), member.key) == VALUES.end())
                search(member.value, isMapOfSchemas(member.key));
        }
    }

private:
    static bool isMapOfSchemas(std::string_view keyword)
    {
        return keyword == "patternProperties" || keyword == "$defs" || keyword == "definitions" ||
               keyword == "dependentSchemas" || keyword == "dependencies";
    }

    void visitProperties(const simdjson::dom::element& properties, bool reachable)
    {
        simdjson::dom::object members;
        if (properties.get_object().get(members))
            return;
        for (const auto member : members)
        {
            _path.emplace_back(member.key);
            visit(member.value, reachable);
            _path.pop_back();
        }
    }

    /// Looks for annotations where none may be.
    void search(const simdjson::dom::element& value, bool namesAreFree)
    {
        simdjson::dom::array items;
        simdjson::dom::object members;
        if (!value.get_array().get(items))
            for (const auto item : items)
                search(item, false);
        else if (!value.get_object().get(members))
        {
            if (!namesAreFree)
                visit(value, false);
            else
                for (const auto member : members)
                    visit(member.value, false);
        }
    }

    void take(const simdjson::dom::element& schema, const simdjson::dom::element& annotation, bool reachable)
    {
        const std::string where = "the x-mcp-header annotation at " + join(_path);
        std::string_view name;
        if (annotation.get_string().get(name) || name.empty())
            throw Poco::DataFormatException(where + " must be a non-empty string");
        if (!std::all_of(name.begin(), name.end(), isTokenLetter))
            throw Poco::DataFormatException(where + " must be an HTTP token");
        if (!reachable || _path.empty())
            throw Poco::DataFormatException(where + " must be on a property that is reached from the root through"
                                                    " 'properties' alone");
        const auto type = base::textMember(schema, "type");
        if (type != "string" && type != "integer" && type != "boolean")
            throw Poco::DataFormatException(where + " must be on a property of the type string, integer or boolean");
        if (!_names.insert(Poco::toLower(std::string(name))).second)
            throw Poco::DataFormatException(where + " repeats the name '" + std::string(name) + "'");
        found.push_back({std::string(name), _path});
    }

    std::vector<std::string> _path;
    std::set<std::string> _names;
};

} // namespace

std::vector<HeaderParameter> headerParametersOf(const simdjson::dom::element& inputSchema)
{
    Collector collector;
    collector.visit(inputSchema, true);
    return std::move(collector.found);
}

} // namespace tenon::plugin
