#include "Exclusions.h"

#include <fstream>
#include <stdexcept>

namespace tenon::conformance
{

Exclusions::Exclusions(const std::string& file)
{
    std::ifstream in(file);
    if (!in)
        throw std::runtime_error("cannot read " + file);
    std::string text;
    for (std::size_t line = 1; std::getline(in, text); ++line)
    {
        if (text.empty() || text[0] == '#')
            continue;
        static const std::string BAR = " | ";
        std::vector<std::string> parts;
        std::size_t start = 0;
        for (std::size_t end = 0; (end = text.find(BAR, start)) != std::string::npos; start = end + BAR.size())
            parts.push_back(text.substr(start, end - start));
        parts.push_back(text.substr(start));
        if (parts.size() != 4 || parts[3].empty())
            throw std::runtime_error(file + ":" + std::to_string(line) + ": not 'path | group | test | reason'");
        _entries.push_back({parts[0], parts[1], parts[2], parts[3], line});
    }
}

Exclusions::Entry* Exclusions::find(const std::string& path, const std::string& group, const std::string& test)
{
    for (Entry& entry : _entries)
        if (entry.path == path && entry.group == group && (entry.test == "*" || entry.test == test))
            return &entry;
    return nullptr;
}

} // namespace tenon::conformance
