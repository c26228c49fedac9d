#include <tenon/plugin.hpp>

TENON_PLUGIN("raw_schema", "1.0.0", plugin)
{
    plugin.tool("area", "Computes the area of a circle or a rectangle")
        .inputSchema(R"({
            "type": "object",
            "oneOf": [
                {"required": ["radius"], "properties": {"radius": {"type": "number", "exclusiveMinimum": 0}}},
                {"required": ["width", "height"],
                 "properties": {"width": {"type": "number"}, "height": {"type": "number"}}}
            ]
        })")
        .handle(
            [](tenon::Value arguments)
            {
                if (arguments["radius"].exists())
                    return 3.14159265 * arguments["radius"].number() * arguments["radius"].number();
                return arguments["width"].number() * arguments["height"].number();
            });

    // A value knows its type, can be stepped through, and becomes any C++ type that has a JSON form.
    plugin.tool("inspect", "Tells what the arguments are")
        .handle(
            [](tenon::Value arguments)
            {
                std::string text;
                for (const auto& [name, value] : arguments.members())
                    text += std::string(name) + "=" +
                            (value.isArray() ? std::to_string(value.as<std::vector<int>>().size()) + " numbers"
                                             : value.json()) +
                            " ";
                return text;
            });
}
