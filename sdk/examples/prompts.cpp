#include <tenon/plugin.hpp>

enum class Tone
{
    Friendly,
    Strict
};

inline auto describe(tenon::Type<Tone>)
{
    return tenon::choices(tenon::choice(Tone::Friendly, "friendly"), tenon::choice(Tone::Strict, "strict"));
}

TENON_PLUGIN("prompts", "1.0.0", plugin)
{
    // A text is one message of the user. An enum completes itself.
    plugin.prompt("review", "Reviews code")
        .title("Review code")
        .argument("code", "What to review")
        .argument<std::optional<Tone>>("tone", "How to say it")
        .handle(
            [](const std::string& code, std::optional<Tone> tone)
            { return std::string(tone == Tone::Strict ? "Find every fault in:\n" : "Please look over:\n") + code; });

    plugin.prompt("translate", "Translates into the language of a country")
        .argument("country")
        .argument("city")
        .complete("country", {"Austria", "Australia", "France"})
        .complete("city",
                  [](tenon::Call& call, std::string_view typed)
                  {
                      const std::vector<std::string> cities = call.resolved("country") == "France"
                                                                  ? std::vector<std::string>{"Paris", "Lyon"}
                                                                  : std::vector<std::string>{"Graz", "Wien"};
                      return tenon::startingWith(typed, cities);
                  })
        .handle(
            [](const std::string& country, const std::string& city)
            {
                return tenon::PromptResult("Translate the sign in the image, as they speak in " + city + ", " + country)
                    .message(tenon::Role::User, tenon::Content::image({"\x89PNG..."}, "image/png"))
                    .assistant("It says:");
            });
}
