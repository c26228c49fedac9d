#include "plugin/config/LockFile.h"

#include "base/text/Hex.h"
#include "base/text/Sha256.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/StringTokenizer.h>

#include <istream>

namespace tenon::plugin
{

LockFile LockFile::read(const std::string& path)
{
    LockFile lock;
    Poco::FileInputStream input(path);
    std::string line;
    for (int number = 1; std::getline(input, line); ++number)
    {
        const Poco::StringTokenizer words(line, " \t\r",
                                          Poco::StringTokenizer::TOK_IGNORE_EMPTY | Poco::StringTokenizer::TOK_TRIM);
        if (words.count() == 0 || words[0][0] == '#')
            continue;
        if (words.count() == 3 && words[0] == "library")
            lock.libraries[words[1]] = words[2];
        else if (words.count() == 4 && words[0] == "tool")
            lock.tools[words[1]][words[2]] = words[3];
        else
            throw Poco::DataFormatException(
                path + ":" + std::to_string(number) +
                ": expected 'library <plugin> <sha256>' or 'tool <plugin> <tool> <sha256>'");
    }
    return lock;
}

void LockFile::write(const std::string& path) const
{
    // Beside it first: a crash must not leave half a file that refuses every plugin.
    const std::string fresh = path + ".new";
    Poco::FileOutputStream output(fresh);
    output << "# Made by 'tenon plugin lock': what the plugins were when they were looked at.\n";
    for (const auto& [plugin, digest] : libraries)
        output << "library " << plugin << ' ' << digest << '\n';
    for (const auto& [plugin, digests] : tools)
        for (const auto& [tool, digest] : digests)
            output << "tool " << plugin << ' ' << tool << ' ' << digest << '\n';
    output.close();
    Poco::File(fresh).renameTo(path);
}

std::vector<std::string> LockFile::differences(const std::string& plugin, const std::string& librarySha256,
                                               const std::map<std::string, std::string>& toolDigests) const
{
    std::vector<std::string> found;
    const auto library = libraries.find(plugin);
    if (library == libraries.end())
        return {"the plugin is not in the lock file"};
    if (library->second != librarySha256)
        found.push_back("its library has the SHA-256 " + librarySha256 + ", not " + library->second);
    const auto locked = tools.find(plugin);
    const std::map<std::string, std::string> none;
    const auto& known = locked == tools.end() ? none : locked->second;
    for (const auto& [tool, digest] : toolDigests)
    {
        const auto before = known.find(tool);
        if (before == known.end())
            found.push_back("the tool '" + tool + "' is new");
        else if (before->second != digest)
            found.push_back("the definition of the tool '" + tool + "' has changed");
    }
    for (const auto& [tool, digest] : known)
        if (!toolDigests.contains(tool))
            found.push_back("the tool '" + tool + "' is gone");
    return found;
}

std::string sha256Of(std::string_view text)
{
    return base::toHex(base::bytesOf(base::sha256(text)));
}

} // namespace tenon::plugin
