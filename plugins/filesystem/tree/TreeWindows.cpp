#include "filesystem/tree/Tree.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <windows.h>

/// Windows has no open that is confined to a directory. A file is opened first, then the system is asked where it really
/// lies, and only then is it used: what a link leads to does not matter before, and cannot change after.

namespace tenon::filesystem
{

namespace
{

namespace fs = std::filesystem;

class Handle
{
public:
    explicit Handle(HANDLE handle) : _handle(handle) {}
    Handle(Handle&& other) noexcept : _handle(other._handle) { other._handle = INVALID_HANDLE_VALUE; }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Handle& operator=(Handle&&) = delete;
    ~Handle()
    {
        if (*this)
            ::CloseHandle(_handle);
    }

    HANDLE get() const { return _handle; }
    explicit operator bool() const { return _handle != INVALID_HANDLE_VALUE; }

private:
    HANDLE _handle;
};

Failure failureOf(DWORD error, const std::string& shown, const char* done)
{
    switch (error)
    {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return {Reason::NOT_FOUND,
                shown + " does not exist. Use filesystem_list on the directory above it to see what does."};
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
        return {Reason::NOT_ALLOWED, shown + " could not be " + done + ": no permission, or another program holds it."};
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
        return {Reason::NOT_ALLOWED,
                shown + " exists already. Choose the mode 'replace' or 'append', or another name."};
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
        return {Reason::INVALID, "The path contains characters that names cannot have, or is too long."};
    case ERROR_DISK_FULL:
        return {Reason::FAILED, shown + " could not be " + done + ": there is no space left."};
    default:
        return {Reason::FAILED, shown + " could not be " + done + " (system error " + std::to_string(error) + ")."};
    }
}

std::wstring finalPath(HANDLE handle)
{
    std::wstring path(512, L'\0');
    while (true)
    {
        const DWORD size = ::GetFinalPathNameByHandleW(handle, path.data(), static_cast<DWORD>(path.size()),
                                                       FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
        if (size == 0)
            return {};
        const bool fits = size < path.size();
        path.resize(size);
        if (fits)
            return path;
    }
}

bool isBelow(const std::wstring& path, const std::wstring& root)
{
    if (path.size() < root.size() || ::CompareStringOrdinal(path.data(), static_cast<int>(root.size()), root.data(),
                                                            static_cast<int>(root.size()), TRUE) != CSTR_EQUAL)
        return false;
    return path.size() == root.size() || root.back() == L'\\' || path[root.size()] == L'\\';
}

Info toInfo(const BY_HANDLE_FILE_INFORMATION& found)
{
    constexpr std::int64_t UNIX_EPOCH = 116444736000000000; // in units of 100 ns since 1601
    Info info;
    info.kind = found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? Kind::DIRECTORY : Kind::FILE;
    info.link = (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    if (info.kind == Kind::FILE)
        info.bytes = static_cast<std::uint64_t>(found.nFileSizeHigh) << 32 | found.nFileSizeLow;
    const std::int64_t time =
        static_cast<std::int64_t>(found.ftLastWriteTime.dwHighDateTime) << 32 | found.ftLastWriteTime.dwLowDateTime;
    info.modifiedNs = (time - UNIX_EPOCH) * 100;
    return info;
}

Identity identityOfHandle(HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION found = {};
    if (!::GetFileInformationByHandle(handle, &found))
        return {};
    return {found.dwVolumeSerialNumber, static_cast<std::uint64_t>(found.nFileIndexHigh) << 32 | found.nFileIndexLow};
}

class WindowsFile : public OpenFile
{
public:
    WindowsFile(Handle handle, const Info& info, std::string shown)
        : _handle(std::move(handle)), _info(info), _shown(std::move(shown))
    {
    }

    const Info& info() const override { return _info; }

    std::string read(std::uint64_t offset, std::size_t size) const override
    {
        std::string data(size, '\0');
        std::size_t done = 0;
        while (done < size)
        {
            OVERLAPPED place = {};
            place.Offset = static_cast<DWORD>(offset + done);
            place.OffsetHigh = static_cast<DWORD>((offset + done) >> 32);
            DWORD count = 0;
            const auto wanted = static_cast<DWORD>(std::min<std::size_t>(size - done, 1 << 30));
            if (!::ReadFile(_handle.get(), &data[done], wanted, &count, &place))
            {
                if (::GetLastError() == ERROR_HANDLE_EOF)
                    break;
                throw failureOf(::GetLastError(), _shown, "read");
            }
            if (count == 0)
                break;
            done += count;
        }
        data.resize(done);
        return data;
    }

private:
    const Handle _handle;
    const Info _info;
    const std::string _shown;
};

class TreeWindows : public Tree
{
public:
    explicit TreeWindows(const std::string& path)
        : _handle(::CreateFileW(fs::u8path(path).c_str(), FILE_LIST_DIRECTORY, SHARE, nullptr, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS, nullptr))
    {
        if (!_handle)
            throw failureOf(::GetLastError(), path, "opened");
        _root = finalPath(_handle.get());
        // "\\?\C:\data" is the long form; clients write C:/data.
        std::wstring plain = _root.rfind(L"\\\\?\\", 0) == 0 ? _root.substr(4) : _root;
        _path = fs::path(plain).generic_u8string();
        while (!_path.empty() && _path.back() == '/')
            _path.pop_back();
    }

    const std::string& path() const override { return _path; }
    Identity identity() const override { return identityOfHandle(_handle.get()); }
    bool followsLinks() const override { return true; }

    Info stat(const std::string& relative, const std::string& shown) const override
    {
        const DWORD attributes = ::GetFileAttributesW(pathOf(relative).c_str());
        Info info;
        info.link = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT);
        try
        {
            const bool link = info.link;
            const Handle handle = open(relative, shown, FILE_READ_ATTRIBUTES, OPEN_EXISTING, info);
            info.link = link;
        }
        catch (const Failure&)
        {
            if (!info.link)
                throw;
            info.kind = Kind::LINK;
        }
        return info;
    }

    std::unique_ptr<OpenFile> open(const std::string& relative, const std::string& shown) const override
    {
        Info info;
        Handle handle = open(relative, shown, GENERIC_READ, OPEN_EXISTING, info);
        if (info.kind == Kind::DIRECTORY)
            throw Failure(Reason::WRONG_KIND, shown + " is a directory. Use filesystem_list to see what it holds.");
        if (::GetFileType(handle.get()) != FILE_TYPE_DISK)
            throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not read.");
        return std::make_unique<WindowsFile>(std::move(handle), info, shown);
    }

    std::vector<Item> list(const std::string& relative, const std::string& shown, bool details,
                           std::size_t limit) const override
    {
        Info directory;
        const Handle handle = open(relative, shown, FILE_LIST_DIRECTORY, OPEN_EXISTING, directory);
        if (directory.kind != Kind::DIRECTORY)
            throw Failure(Reason::WRONG_KIND, shown + ": what should be a directory there is a file.");
        std::vector<Item> items;
        alignas(FILE_ID_BOTH_DIR_INFO) char buffer[64 * 1024];
        while (items.size() < limit &&
               ::GetFileInformationByHandleEx(handle.get(), FileIdBothDirectoryInfo, buffer, sizeof buffer))
        {
            const char* at = buffer;
            while (items.size() < limit)
            {
                const auto* entry = reinterpret_cast<const FILE_ID_BOTH_DIR_INFO*>(at);
                add(*entry, relative, shown, details, items);
                if (entry->NextEntryOffset == 0)
                    break;
                at += entry->NextEntryOffset;
            }
        }
        return items;
    }

    void write(const std::string& relative, const std::string& shown, const std::string& data,
               WriteMode mode) const override
    {
        // Opened without emptying it: whether it lies inside is known only then. A link is opened itself: what it leads
        // to could be made outside.
        Info info;
        const DWORD how = mode == WriteMode::CREATE ? CREATE_NEW : OPEN_ALWAYS;
        checkParent(relative, shown);
        const Handle handle = open(relative, shown, GENERIC_WRITE, how, info, FILE_FLAG_OPEN_REPARSE_POINT);
        if (info.link)
            throw Failure(Reason::WRONG_KIND, shown + " is a symbolic link; write to the file it leads to.");
        if (info.kind == Kind::DIRECTORY || ::GetFileType(handle.get()) != FILE_TYPE_DISK)
            throw Failure(Reason::WRONG_KIND, shown + " is not a regular file and is not written.");
        LARGE_INTEGER end = {};
        if (mode == WriteMode::APPEND)
            end.QuadPart = static_cast<LONGLONG>(info.bytes);
        DWORD written = 0;
        if (!::SetFilePointerEx(handle.get(), end, nullptr, FILE_BEGIN) ||
            !::WriteFile(handle.get(), data.data(), static_cast<DWORD>(data.size()), &written, nullptr) ||
            !::SetEndOfFile(handle.get()))
            throw failureOf(::GetLastError(), shown, "written");
    }

    void makeDirectories(const std::string& relative, const std::string& shown) const override
    {
        std::size_t end = 0;
        while (end < relative.size())
        {
            end = std::min(relative.find('/', end + 1), relative.size());
            const std::string path = relative.substr(0, end);
            checkParent(path, shown);
            if (!::CreateDirectoryW(pathOf(path).c_str(), nullptr) && ::GetLastError() != ERROR_ALREADY_EXISTS)
                throw failureOf(::GetLastError(), shown, "made");
        }
    }

    void move(const std::string& relative, const std::string& shown, const Tree& target,
              const std::string& targetRelative, const std::string& targetShown) const override
    {
        if (relative.empty() || targetRelative.empty())
            throw Failure(Reason::NOT_ALLOWED, "An allowed directory itself is neither moved nor replaced.");
        const auto& other = static_cast<const TreeWindows&>(target);
        checkParent(relative, shown);
        other.checkParent(targetRelative, targetShown);
        if (::MoveFileExW(pathOf(relative).c_str(), other.pathOf(targetRelative).c_str(), 0))
            return;
        if (::GetLastError() == ERROR_ALREADY_EXISTS || ::GetLastError() == ERROR_FILE_EXISTS)
            throw Failure(Reason::NOT_ALLOWED,
                          targetShown + " exists already. Choose another name; nothing is overwritten.");
        throw failureOf(::GetLastError(), shown, "moved");
    }

    void remove(const std::string& relative, const std::string& shown) const override
    {
        if (relative.empty())
            throw Failure(Reason::NOT_ALLOWED, shown + " is an allowed directory itself and is not deleted.");
        checkParent(relative, shown);
        const std::wstring path = pathOf(relative);
        const DWORD attributes = ::GetFileAttributesW(path.c_str());
        const bool directory = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        if (directory ? ::RemoveDirectoryW(path.c_str()) : ::DeleteFileW(path.c_str()))
            return;
        if (::GetLastError() == ERROR_DIR_NOT_EMPTY)
            throw Failure(Reason::NOT_ALLOWED, shown + " is not empty. Set recursive to delete what it holds, too.");
        throw failureOf(::GetLastError(), shown, "deleted");
    }

    std::string watchablePath(const std::string&, const std::string&, std::shared_ptr<void>&) const override
    {
        return {};
    }

private:
    static constexpr DWORD SHARE = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

    std::wstring pathOf(const std::string& relative) const
    {
        // With "\\?\" in front a path is taken as it is: no device names, no dots or blanks cut off at its end.
        std::wstring path = _root;
        if (!relative.empty())
        {
            if (path.back() != L'\\')
                path += L'\\';
            path += fs::u8path(relative).make_preferred().wstring();
        }
        return path;
    }

    /// Opens, then looks where that was.
    Handle open(const std::string& relative, const std::string& shown, DWORD access, DWORD how, Info& info,
                DWORD flags = 0) const
    {
        if (relative.find(':') != std::string::npos)
            throw Failure(Reason::INVALID, "A name must not contain a colon.");
        Handle handle(::CreateFileW(pathOf(relative).c_str(), access, SHARE, nullptr, how,
                                    FILE_FLAG_BACKUP_SEMANTICS | flags, nullptr));
        if (!handle)
            throw failureOf(::GetLastError(), shown, "opened");
        const std::wstring real = finalPath(handle.get());
        if (real.empty() || !isBelow(real, _root))
            throw Failure(Reason::NOT_ALLOWED, shown + " leads outside of the directories that may be accessed.");
        BY_HANDLE_FILE_INFORMATION found = {};
        if (!::GetFileInformationByHandle(handle.get(), &found))
            throw failureOf(::GetLastError(), shown, "opened");
        info = toInfo(found);
        return handle;
    }

    /// What is about to be made would otherwise be made outside before its place is known.
    void checkParent(const std::string& relative, const std::string& shown) const
    {
        const std::size_t slash = relative.rfind('/');
        Info info;
        open(slash == std::string::npos ? std::string() : relative.substr(0, slash), shown, FILE_READ_ATTRIBUTES,
             OPEN_EXISTING, info);
    }

    void add(const FILE_ID_BOTH_DIR_INFO& entry, const std::string& relative, const std::string& shown, bool details,
             std::vector<Item>& items) const
    {
        const std::wstring wide(entry.FileName, entry.FileNameLength / sizeof(wchar_t));
        if (wide == L"." || wide == L"..")
            return;
        Item item{fs::path(wide).u8string(), {}};
        item.info.link = (entry.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
        item.info.kind = item.info.link                                    ? Kind::LINK
                         : entry.FileAttributes & FILE_ATTRIBUTE_DIRECTORY ? Kind::DIRECTORY
                                                                           : Kind::FILE;
        if (details)
        {
            try
            {
                item.info = stat(relative.empty() ? item.name : relative + "/" + item.name, shown);
            }
            catch (const Failure&)
            {
                // Gone meanwhile, or not ours to look at.
            }
        }
        items.push_back(std::move(item));
    }

    const Handle _handle;
    std::wstring _root;
    std::string _path;
};

} // namespace

std::unique_ptr<Tree> Tree::make(const std::string& path)
{
    return std::make_unique<TreeWindows>(path);
}

std::optional<Identity> Tree::identityOf(const std::string& path)
{
    const Handle handle(::CreateFileW(fs::u8path(path).c_str(), FILE_READ_ATTRIBUTES,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (!handle)
        return std::nullopt;
    return identityOfHandle(handle.get());
}

} // namespace tenon::filesystem
