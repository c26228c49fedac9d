#include <tenon/plugin.hpp>

#include <string>

TENON_PLUGIN("hello", "1.0.0", plugin)
{
    plugin
        .tool(
            "greet", "Greets somebody by name",
            [](std::string name, int times)
            {
                std::string text;
                for (int i = 0; i < times; ++i)
                    text += "Hello, " + name + "! ";
                return text;
            },
            tenon::arg("name", "Whom to greet"), tenon::arg("times", "How often", tenon::range(1, 10)) = 1)
        .annotations(tenon::readOnly());
}
