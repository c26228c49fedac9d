#pragma once

#include "filesystem/paths/Roots.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon::filesystem
{

/// Asked now and then during long work; true: nobody wants the answer any more.
using Stop = std::function<bool()>;

enum class Encoding
{
    AUTO, ///< text in whatever charset it seems to be, images and sounds as such, else base64
    TEXT, ///< UTF-8: what is none becomes U+FFFD
    BASE64
};

/// Which part of a file. Bytes, lines or last lines, not two of them.
struct Range
{
    std::optional<std::uint64_t> offset;    ///< bytes, from 0
    std::optional<std::uint64_t> length;    ///< bytes
    std::optional<std::uint64_t> firstLine; ///< from 1
    std::optional<std::uint64_t> lines;
    std::optional<std::uint64_t> lastLines; ///< that many at the end

    bool isWhole() const { return !offset && !length && !firstLine && !lines && !lastLines; }
};

/// A part of a file.
struct Excerpt
{
    std::string path;
    std::string uri;
    std::string mimeType;
    std::uint64_t size = 0; ///< of the whole file, bytes
    std::string modified;   ///< ISO 8601, UTC

    bool text = false;
    bool media = false;             ///< an image or a sound, whole
    std::string data;               ///< valid UTF-8 if `text`, else bytes
    std::string charset;            ///< of a text in the file: "UTF-8", "UTF-16LE", ...
    bool lossy = false;             ///< something became U+FFFD
    std::vector<std::string> notes; ///< sentences: what was converted, replaced or moved

    std::uint64_t offset = 0;               ///< of `data` in the file
    std::uint64_t length = 0;               ///< bytes of the file that `data` stands for
    std::optional<std::uint64_t> firstLine; ///< if lines were asked for; likewise the next
    std::optional<std::uint64_t> lines;
    bool truncated = false;                  ///< there is more of what was asked for
    std::optional<std::uint64_t> nextOffset; ///< where the file goes on, unless this is its end
    std::optional<std::uint64_t> nextLine;   ///< likewise, if lines were asked for and these are whole
};

/// Reads a part of the file at `location`, at most `maxBytes` of it. A text begins and is cut between characters. Images
/// and sounds come whole if no part was asked for, up to `maxMediaBytes`.
///
/// Errors:    Failure.
/// Threading: any thread.
Excerpt readFile(const Location& location, const Range& range, Encoding encoding, std::uint64_t maxBytes,
                 std::uint64_t maxMediaBytes, const Stop& stop);

} // namespace tenon::filesystem
