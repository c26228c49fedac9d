#include <tenon/plugin.hpp>

struct Weather
{
    double temperature = 0;
    std::string sky;
};

inline auto describe(tenon::Type<Weather>)
{
    return tenon::object(tenon::field("temperature", &Weather::temperature, "Degrees Celsius"),
                         tenon::field("sky", &Weather::sky, "What the sky looks like"));
}

TENON_PLUGIN("results", "1.0.0", plugin)
{
    // A text is a text block. A number or a boolean too.
    plugin.tool("text", "Returns a text").handle([] { return "It rains."; });

    // A described struct is structuredContent, its schema the outputSchema, and its JSON a text for older clients.
    plugin.tool("weather", "Tells the weather")
        .param<std::string>("city", "Where")
        .handle(
            [](const std::string& city)
            {
                if (city == "Atlantis")
                    throw tenon::ToolError("There is no weather in Atlantis: it is under water. Ask for another city.");
                return Weather{18.5, "cloudy"};
            });

    // Several blocks of any kind.
    plugin.tool("everything", "Returns every kind of content")
        .output<Weather>()
        .handle(
            []
            {
                tenon::Result result("Partly cloudy.");
                result.image({"\x89PNG..."}, "image/png")
                    .audio({"RIFF..."}, "audio/wav")
                    .link("file:///var/log/weather.log", "weather.log", "text/plain")
                    .add(tenon::Content::resource("weather://today", "{}", "application/json"))
                    .add(tenon::Content::text("For the user only").audience({tenon::Role::User}).priority(0.9))
                    .structured(Weather{18.5, "cloudy"})
                    .meta({R"({"example.com/source": "station 4"})"});
                return result;
            });

    // Straight into the server's buffer: no copy, no allocation.
    plugin.tool("rows", "Returns many rows")
        .handle(
            [](tenon::Call& call)
            {
                tenon::Writer writer = call.writer();
                writer.beginObject().key("content").beginArray().endArray();
                writer.key("structuredContent").beginObject().key("rows").beginArray();
                for (int row = 0; row < 1000; ++row)
                    writer.integer(row);
                writer.endArray().endObject().endObject();
                return tenon::Written{};
            });
}
