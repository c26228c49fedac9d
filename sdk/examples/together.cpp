#include <tenon/plugin.hpp>

struct Name
{
    std::string name;
};

inline auto describe(tenon::Type<Name>)
{
    return tenon::object(tenon::field("name", &Name::name, "Your name"));
}

TENON_PLUGIN("together", "1.0.0", plugin)
{
    plugin.tool("roots", "Lists the folders that the client lets servers see")
        .handle(
            [](tenon::Call& call)
            {
                if (!call.clientHas(tenon::ClientFeature::Roots))
                    return std::string("The client tells no folders.");
                std::string text;
                for (const tenon::Root& root : call.roots())
                    text += root.uri + "\n";
                return text;
            });

    // Three questions, one round trip.
    plugin.tool("welcome", "Welcomes the user")
        .handle(
            [](tenon::Call& call)
            {
                const auto [who, greeting, folders] =
                    call.together(tenon::ask::form<Name>("who", "What is your name?"),
                                  tenon::ask::sample("greeting", "Write a short greeting."), tenon::ask::roots());
                return greeting.text() + " " + who->name + ", you have " + std::to_string(folders.size()) + " folders.";
            });
}
