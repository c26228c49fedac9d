#include "support/TemporaryFolder.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

namespace tenon::tests
{

TemporaryFolder::TemporaryFolder()
{
    std::random_device random;
    const auto base = std::filesystem::temp_directory_path();
    for (int attempt = 0; attempt < 100; ++attempt)
    {
        _path = (base / ("tenon-test-" + std::to_string(random()))).string();
        if (std::filesystem::create_directory(_path))
            return;
    }
    throw std::runtime_error("no temporary folder could be made");
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored; // a test that failed half-way may leave things that cannot be removed
    std::filesystem::remove_all(_path, ignored);
}

std::string TemporaryFolder::path(std::string_view name) const
{
    return name.empty() ? _path : (std::filesystem::path(_path) / name).string();
}

std::string TemporaryFolder::write(std::string_view name, std::string_view text) const
{
    const std::string full = path(name);
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream file(full, std::ios::binary);
    file << text;
    if (!file.flush())
        throw std::runtime_error("cannot write " + full);
    return full;
}

std::string TemporaryFolder::read(std::string_view name) const
{
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace tenon::tests
