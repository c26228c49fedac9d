// The program that the tests' workers are: a worker, and the author's tools, as the server's executable is.
#include "plugin/tools/ToolMain.h"
#include "plugin/worker/child/RunWorker.h"

#include <string_view>

int main(int argc, char** argv)
{
    if (const auto status = tenon::plugin::runWorker(argc, argv))
        return *status;
    if (argc > 1 && std::string_view(argv[1]) == "plugin")
        return tenon::plugin::toolMain({argv + 2, argv + argc});
    return 1;
}
