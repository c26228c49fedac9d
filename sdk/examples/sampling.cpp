#include <tenon/plugin.hpp>

TENON_PLUGIN("sampling", "1.0.0", plugin)
{
    plugin.tool("summarise", "Sums up a text with the client's model")
        .param<std::string>("text", "What to sum up")
        .handle(
            [](tenon::Call& call, const std::string& text)
            {
                const auto reply = call.sample("summary", tenon::Sampling("Sum up in one sentence: " + text)
                                                              .system("You are brief.")
                                                              .maxTokens(100)
                                                              .temperature(0.2)
                                                              .hint("small"));
                return reply.text();
            });

    // The model may use tools that the plugin gives it: ask, do what it wants, ask again, each time under another key.
    plugin.tool("advise", "Gives travel advice, with the weather in mind")
        .param<std::string>("question", "What to advise on")
        .handle(
            [](tenon::Call& call, const std::string& question)
            {
                tenon::Sampling chat(question);
                chat.tool("weather", "Tells the weather of a city",
                          {R"({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})"});
                for (int round = 0; round < 5; ++round)
                {
                    const auto reply = call.sample("round " + std::to_string(round), chat);
                    const auto uses = reply.toolUses();
                    if (uses.empty())
                        return reply.text();
                    chat.reply(reply);
                    for (const tenon::ToolUse& use : uses)
                        chat.toolResult(use.id,
                                        {tenon::Content::text("Sunny in " + use.input["city"].as<std::string>())});
                }
                throw tenon::ToolError("The model did not come to an end.");
            });
}
