#include <tenon/plugin.hpp>

#include <map>
#include <mutex>

TENON_PLUGIN("resources", "1.0.0", plugin)
{
    struct Notes
    {
        std::mutex mutex;
        std::map<std::string, std::string> texts{{"1", "Buy milk"}, {"2", "Call Ada"}};
    };
    auto& notes = plugin.make<Notes>();

    plugin.resource("notes://about", "about", "What this is")
        .mimeType("text/plain")
        .cache(3600 * 1000)
        .handle([] { return "Notes of this server."; });

    plugin.resource("notes://logo", "logo").mimeType("image/png").handle([] { return tenon::Bytes{"\x89PNG..."}; });

    // One text per variable of the template. {name} ends at a slash, {+name} does not.
    plugin.resourceTemplate("notes://note/{id}", "note", "One note")
        .mimeType("text/plain")
        .complete("id", {"1", "2"})
        .handle(
            [&notes](std::string_view id)
            {
                const std::lock_guard<std::mutex> lock(notes.mutex);
                const auto found = notes.texts.find(std::string(id));
                if (found == notes.texts.end())
                    throw tenon::NotFound("There is no note " + std::string(id) + ".");
                return found->second;
            });

    // Whoever subscribed to the note is told.
    plugin.tool("write_note", "Writes a note")
        .param<std::string>("id", "Which note")
        .param<std::string>("text", "Its text")
        .handle(
            [&notes, &plugin](const std::string& id, const std::string& text)
            {
                {
                    const std::lock_guard<std::mutex> lock(notes.mutex);
                    notes.texts[id] = text;
                }
                plugin.resourceUpdated("notes://note/" + id);
            });

    // For plugins that must begin to watch something; an exception refuses the subscription.
    plugin.onSubscribe([&plugin](std::string_view uri)
                       { plugin.log(tenon::LogLevel::Debug, "watching " + std::string(uri)); });
    plugin.onUnsubscribe([](std::string_view) {});
}
