#pragma once

#include "filesystem/Failure.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

/// A directory of a test's own, with "inside" for the root and "outside" beside it.
class Workspace
{
public:
    Workspace()
    {
        std::string path = (std::filesystem::temp_directory_path() / "tenon-fs-XXXXXX").string();
        if (!mkdtemp(path.data()))
            throw std::runtime_error("no temporary directory");
        _base = std::filesystem::canonical(path).string();
        std::filesystem::create_directory(inside());
        std::filesystem::create_directory(outside());
        put("../outside/secret.txt", "secret");
    }

    ~Workspace() { std::filesystem::remove_all(_base); }

    std::string inside() const { return _base + "/inside"; }
    std::string outside() const { return _base + "/outside"; }
    std::string path(const std::string& relative) const { return inside() + "/" + relative; }

    void put(const std::string& relative, const std::string& data) const
    {
        std::filesystem::create_directories(std::filesystem::path(path(relative)).parent_path());
        std::ofstream(path(relative), std::ios::binary) << data;
    }

    std::string get(const std::string& relative) const
    {
        std::ostringstream data;
        data << std::ifstream(path(relative), std::ios::binary).rdbuf();
        return data.str();
    }

    void link(const std::string& target, const std::string& relative) const
    {
        std::filesystem::create_symlink(target, path(relative));
    }

private:
    std::string _base;
};

/// Runs `action`, which has to fail with `reason`; gives the message.
template <class Action>
std::string refused(tenon::filesystem::Reason reason, Action&& action)
{
    try
    {
        action();
    }
    catch (const tenon::filesystem::Failure& failure)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(failure.what(), static_cast<int>(reason), static_cast<int>(failure.reason()));
        return failure.what();
    }
    CPPUNIT_FAIL("it was not refused");
    return {};
}

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}
