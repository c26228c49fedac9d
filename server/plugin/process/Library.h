#pragma once

#include <tenon/plugin.h>

#include <memory>
#include <string>

namespace tenon::plugin
{

/// The bytes of a library file, apart from the file: what was checked is what is loaded, and the file may be replaced
/// or cut short while it runs.
///
/// On Linux an anonymous file in memory; elsewhere a file in the temporary folder, removed with this object.
///
/// Threading: one thread at a time.
class LibraryImage
{
public:
    /// Reads `file` whole.
    ///
    /// Errors: LoadException if it cannot be read or copied.
    explicit LibraryImage(const std::string& file);

    /// The image that another process made and handed down as `descriptor`, or, without one, as the file `path`, which
    /// stays.
    [[nodiscard]] static std::shared_ptr<LibraryImage> inherit(int descriptor, const std::string& path);

    ~LibraryImage();
    LibraryImage(const LibraryImage&) = delete;
    LibraryImage& operator=(const LibraryImage&) = delete;

    /// What to load; never the path of an image that is or was loaded before.
    [[nodiscard]] const std::string& path() const noexcept { return _path; }

    /// Lower-case hexadecimal SHA-256 of the bytes.
    [[nodiscard]] const std::string& sha256() const noexcept { return _sha256; }

    /// Of the anonymous file; -1 where there is none.
    [[nodiscard]] int descriptor() const noexcept { return _descriptor; }

private:
    LibraryImage() = default;

    std::string _path;
    std::string _sha256;
    int _descriptor = -1;
    bool _removes = true;
};

/// A loaded library with a Tenon entry of an ABI version that this server honours.
///
/// Threading: construction and destruction run code of the library.
class Library
{
public:
    /// Loads the image with local symbols and looks at its entry; nothing but the library's own static initialisation
    /// has run then.
    ///
    /// Errors: LoadException: no library, no entry, another ABI version, or an exception while loading.
    explicit Library(std::shared_ptr<LibraryImage> image);

    /// Unloads it, unless it is kept.
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    [[nodiscard]] const tenon_plugin_entry& entry() const noexcept { return *_entry; }

    /// It stays in memory until the process ends: threads that the plugin left behind run on. Where images are files
    /// that must go (elsewhere than on Linux), it is unloaded all the same.
    void keep() noexcept { _kept = true; }

    /// File name endings of libraries on this platform, ".so".
    [[nodiscard]] static const char* suffix() noexcept;

private:
    void checkEntry() const;
    void unload() noexcept;

    const std::shared_ptr<LibraryImage> _image; ///< the path of a loaded image must not be used again
    void* _handle = nullptr;
    const tenon_plugin_entry* _entry = nullptr;
    bool _kept = false;
};

} // namespace tenon::plugin
