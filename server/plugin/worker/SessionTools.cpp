#include "plugin/worker/SessionTools.h"

#include "base/json/JsonDocument.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::plugin
{

void SessionTools::read(const std::string& tools)
{
    std::vector<bool> found;
    try
    {
        const auto document = base::JsonDocument::parse(tools.empty() ? "[]" : tools);
        simdjson::dom::array list;
        if (document->root().get(list) == simdjson::SUCCESS)
            for (const auto tool : list)
            {
                std::string_view word;
                found.push_back(tool["tenon"]["concurrency"].get(word) == simdjson::SUCCESS && word == "session");
            }
    }
    catch (const Poco::DataFormatException&)
    {
        found.clear(); // its manager refuses it
    }
    std::lock_guard lock(_mutex);
    _tools = std::move(found);
}

bool SessionTools::contains(std::uint32_t index) const
{
    std::lock_guard lock(_mutex);
    return index < _tools.size() && _tools[index];
}

} // namespace tenon::plugin
