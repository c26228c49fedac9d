#include "plugin/manager/PluginFiles.h"

#include "plugin/process/Library.h"

#include <Poco/Ascii.h>
#include <Poco/DirectoryIterator.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <algorithm>
#include <map>

namespace tenon::plugin
{

std::vector<PluginFile> findPluginFiles(const std::vector<std::string>& folders)
{
    const std::string_view suffix = Library::suffix();
    std::map<std::string, std::string> found;
    for (const auto& folder : folders)
    {
        if (folder.ends_with(suffix) && Poco::File(folder).exists() && Poco::File(folder).isFile())
        {
            found.emplace(Poco::Path(folder).getBaseName(), Poco::Path(folder).makeAbsolute().toString());
            continue;
        }
        const std::string path = Poco::Path(folder).makeAbsolute().makeDirectory().toString();
        if (!Poco::File(path).exists())
            continue;
        for (Poco::DirectoryIterator file(path), end; file != end; ++file)
        {
            const std::string& name = file.name();
            if (name.starts_with('.') || name.size() <= suffix.size() || !name.ends_with(suffix) || !file->exists() ||
                !file->isFile())
                continue;
            found.emplace(name.substr(0, name.size() - suffix.size()), file.path().toString());
        }
    }
    std::vector<PluginFile> files;
    for (const auto& [name, path] : found)
        files.push_back({name, path});
    return files;
}

bool isPluginName(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](char letter) {
                                            return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) ||
                                                   letter == '_' || letter == '-';
                                        });
}

} // namespace tenon::plugin
