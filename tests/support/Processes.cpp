#include "support/Processes.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tenon::tests
{

std::map<int, int> livingProcesses()
{
    std::map<int, int> parents;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    {
        const std::string name = entry.path().filename().string();
        if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
            continue;
        std::string text;
        std::getline(std::ifstream(entry.path() / "stat"), text);
        const auto close = text.rfind(')');
        if (close == std::string::npos)
            continue;
        std::istringstream fields(text.substr(close + 1));
        std::string state;
        int parent = 0;
        fields >> state >> parent;
        if (state != "Z")
            parents[std::stoi(name)] = parent;
    }
    return parents;
}

std::vector<int> descendantsOf(int process)
{
    const auto parents = livingProcesses();
    std::vector<int> found{process};
    for (std::size_t at = 0; at < found.size(); ++at)
        for (const auto& [child, parent] : parents)
            if (parent == found[at])
                found.push_back(child);
    found.erase(found.begin());
    return found;
}

} // namespace tenon::tests
