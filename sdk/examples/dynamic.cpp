#include <tenon/plugin.hpp>

TENON_PLUGIN("dynamic", "1.0.0", plugin)
{
    // Tools, resources and prompts come and go while the server runs; clients are told.
    plugin.tool("learn", "Learns to say a word")
        .param<std::string>("word", "The word", tenon::pattern("^[a-z]{1,20}$"))
        .handle(
            [&plugin](const std::string& word)
            {
                plugin.tool("say_" + word, "Says " + word).handle([word] { return word; });
                plugin.listChanged(tenon::List::Tools);
                return "I can say " + word + " now.";
            });

    plugin.tool("forget", "Forgets a word")
        .param<std::string>("word", "The word")
        .handle(
            [&plugin](const std::string& word)
            {
                if (!plugin.removeTool("say_" + word))
                    throw tenon::ToolError("I never learnt to say " + word + ".");
                plugin.listChanged(tenon::List::Tools);
            });
}
