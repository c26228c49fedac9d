// A program with a loop and a document of its own: it lends both to the server, and runs without one as well.
#include <tenon/attach.hpp>

#include <chrono>
#include <iostream>
#include <string>

int main()
{
    std::string document;
    bool running = true;
    tenon::Attachment lent(
        "editor", "1.0.0",
        [&](tenon::Plugin& plugin)
        {
            plugin
                .tool(
                    "append_line", "Appends a line to the open document",
                    [&](std::string line)
                    {
                        document += line + '\n'; // on the thread of the loop below: no lock
                        std::cout << "appended: " << line << std::endl;
                        return std::to_string(document.size()) + " bytes";
                    },
                    tenon::arg("line", "What to append"))
                .onMainThread();
            plugin.tool("close_editor", "Closes the program", [&] { running = false; }).onMainThread();
        });
    while (running) // the program's own loop
        lent.poll(std::chrono::milliseconds(100));
}
