#include <tenon/plugin.hpp>

#include <string>

TENON_PLUGIN("hello", "1.0.0", plugin)
{
    plugin.tool("greet", "Greets somebody by name")
        .param<std::string>("name", "Whom to greet")
        .param<int>("times", "How often", tenon::defaultTo(1), tenon::range(1, 10))
        .annotations(tenon::readOnly())
        .handle(
            [](std::string name, int times)
            {
                std::string text;
                for (int i = 0; i < times; ++i)
                    text += "Hello, " + name + "! ";
                return text;
            });
}
