#include "plugin/process/Library.h"

#include "plugin/call/LoadException.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/DigestEngine.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/TemporaryFile.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#if defined(_WIN32)
#include <Poco/UnicodeConverter.h>

#include <windows.h>
#else
#include <dlfcn.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tenon::plugin
{

namespace
{

/// Copies `file` piece by piece to `sink(data, size)` and gives the digest of what it read.
template <typename Sink>
std::string copy(const std::string& file, Sink sink)
{
    Poco::Crypto::DigestEngine digest("SHA256");
    Poco::FileInputStream input(file, std::ios::binary);
    std::array<char, 64 * 1024> piece;
    while (input.read(piece.data(), piece.size()), input.gcount() > 0)
    {
        const auto size = static_cast<std::size_t>(input.gcount());
        digest.update(piece.data(), size);
        sink(piece.data(), size);
    }
    if (input.bad())
        throw LoadException("cannot read " + file);
    return Poco::DigestEngine::digestToHex(digest.digest());
}

#if defined(__linux__)
void writeAll(int descriptor, const char* data, std::size_t size, const std::string& file)
{
    while (size > 0)
    {
        const ssize_t written = write(descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            throw LoadException("no memory for a copy of " + file + ": " + std::strerror(errno));
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}
#endif

} // namespace

LibraryImage::LibraryImage(const std::string& file)
{
    try
    {
#if defined(__linux__)
        // Works where the temporary folder forbids execution, and leaves nothing behind after a crash.
        _descriptor = memfd_create("tenon-plugin", MFD_CLOEXEC);
        if (_descriptor < 0)
            throw LoadException(std::string("no memory for a copy: ") + std::strerror(errno));
        _sha256 = copy(file, [&](const char* data, std::size_t size) { writeAll(_descriptor, data, size, file); });
        _path = "/proc/self/fd/" + std::to_string(_descriptor);
#else
        _path = Poco::TemporaryFile::tempName() + Library::suffix();
        Poco::FileOutputStream output(_path, std::ios::binary);
        _sha256 = copy(file, [&](const char* data, std::size_t size)
                       { output.write(data, static_cast<std::streamsize>(size)); });
        output.close();
#endif
    }
    catch (const Poco::FileException& exc)
    {
        throw LoadException("cannot read " + file, exc);
    }
    catch (...)
    {
#if defined(__linux__)
        if (_descriptor >= 0)
            close(_descriptor);
#endif
        throw;
    }
}

std::shared_ptr<LibraryImage> LibraryImage::inherit(int descriptor, const std::string& path)
{
    const std::shared_ptr<LibraryImage> image(new LibraryImage);
    image->_descriptor = descriptor;
    image->_path = descriptor >= 0 ? "/proc/self/fd/" + std::to_string(descriptor) : path;
    image->_removes = false;
    return image;
}

LibraryImage::~LibraryImage()
{
#if defined(__linux__)
    if (_descriptor >= 0)
        close(_descriptor);
#else
    try
    {
        if (_removes)
            Poco::File(_path).remove();
    }
    catch (const Poco::Exception&)
    {
        return; // Windows keeps a file whose library a plugin's thread still uses; the folder is a temporary one.
    }
#endif
}

Library::Library(std::shared_ptr<LibraryImage> image) : _image(std::move(image))
{
    std::string reason;
    try
    {
#if defined(_WIN32)
        std::wstring path;
        Poco::UnicodeConverter::toUTF16(_image->path(), path);
        _handle = LoadLibraryExW(path.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
        if (!_handle)
            reason = "error " + std::to_string(GetLastError());
        else
            _entry = reinterpret_cast<const tenon_plugin_entry*>(
                GetProcAddress(static_cast<HMODULE>(_handle), TENON_ENTRY_SYMBOL));
#else
        _handle = dlopen(_image->path().c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!_handle)
            reason = dlerror();
        else
            _entry = static_cast<const tenon_plugin_entry*>(dlsym(_handle, TENON_ENTRY_SYMBOL));
#endif
    }
    catch (const std::exception& exc)
    {
        throw LoadException(std::string("it threw an exception while it was loaded: ") + exc.what());
    }
    catch (...)
    {
        throw LoadException("it threw an exception while it was loaded");
    }
    if (!_handle)
    {
        // The path of the copy says nothing to the operator.
        const std::string prefix = _image->path() + ": ";
        throw LoadException("it is not a library that can be loaded here: " +
                            (reason.rfind(prefix, 0) == 0 ? reason.substr(prefix.size()) : reason));
    }
    try
    {
        checkEntry();
    }
    catch (...)
    {
        unload();
        throw;
    }
}

Library::~Library()
{
    unload();
}

void Library::unload() noexcept
{
    if (!_handle)
        return;
#if defined(__linux__)
    if (_kept)
    {
        // Its image too: the loader would take another one with the same path for this library.
        static std::mutex mutex;
        static auto& images = *new std::vector<std::shared_ptr<LibraryImage>>;
        const std::lock_guard lock(mutex);
        images.push_back(_image);
        return;
    }
#endif
#if defined(_WIN32)
    FreeLibrary(static_cast<HMODULE>(_handle));
#else
    dlclose(_handle);
#endif
}

void Library::checkEntry() const
{
    if (!_entry)
        throw LoadException("it does not export the symbol " TENON_ENTRY_SYMBOL ": it is not a Tenon plugin");
    if (_entry->struct_size < offsetof(tenon_plugin_entry, create) + sizeof _entry->create || !_entry->create)
        throw LoadException("its " TENON_ENTRY_SYMBOL " is incomplete");
    const auto refuse = [this](const std::string& why)
    {
        throw LoadException("it was built for version " + std::to_string(_entry->abi_major) + "." +
                            std::to_string(_entry->abi_minor) + " of the plugin ABI; " + why);
    };
    if (_entry->abi_major != TENON_ABI_MAJOR || _entry->abi_minor > TENON_ABI_MINOR)
        refuse("this server speaks " + std::to_string(TENON_ABI_MAJOR) + "." + std::to_string(TENON_ABI_MINOR));
    // Its tenon_call is laid out otherwise: the first call would jump into data.
    if (_entry->abi_minor < TENON_ABI_MINOR_FROZEN)
        refuse("its calls were changed before they were frozen: compile it again with this server's headers");
}

const char* Library::suffix() noexcept
{
#if defined(_WIN32)
    return ".dll";
#elif defined(__APPLE__)
    return ".dylib";
#else
    return ".so";
#endif
}

} // namespace tenon::plugin
