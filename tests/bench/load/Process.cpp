#include "Process.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace bench
{

Usage usageOf(int pid)
{
    Usage usage;
    const std::string folder = "/proc/" + std::to_string(pid);
    std::ifstream status(folder + "/status");
    for (std::string line; std::getline(status, line);)
    {
        std::istringstream words(line);
        std::string name;
        words >> name;
        if (name == "VmRSS:")
            words >> usage.residentKb;
        else if (name == "RssAnon:")
            words >> usage.privateKb;
        else if (name == "Threads:")
            words >> usage.threads;
    }
    std::ifstream stat(folder + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
    std::istringstream words(text.substr(std::min(text.size(), text.rfind(')') + 1)));
    std::string word;
    for (int i = 0; i < 11; ++i)
        words >> word;
    double user = 0, system = 0;
    words >> user >> system;
    usage.cpuSeconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return usage;
}

double quantile(std::vector<double>& values, double share)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

} // namespace bench
