#pragma once

#include "filesystem/Roots.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tenon::filesystem
{

/// Asked now and then during long work; true: nobody wants the answer any more.
using Stop = std::function<bool()>;

enum class Encoding
{
    AUTO, ///< text if it is valid UTF-8 without NUL, else base64
    TEXT, ///< what is not UTF-8 becomes U+FFFD
    BASE64
};

/// Which part of a file. Bytes or lines, not both.
struct Range
{
    std::optional<std::uint64_t> offset;    ///< bytes, from 0
    std::optional<std::uint64_t> length;    ///< bytes
    std::optional<std::uint64_t> firstLine; ///< from 1
    std::optional<std::uint64_t> lines;
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
    std::string data; ///< valid UTF-8 if `text`, else bytes

    std::uint64_t offset = 0;               ///< of `data` in the file
    std::uint64_t length = 0;               ///< bytes of the file that `data` stands for
    std::optional<std::uint64_t> firstLine; ///< if lines were asked for; likewise the next
    std::optional<std::uint64_t> lines;
    bool truncated = false; ///< there is more of what was asked for; go on at one of the next two
    std::optional<std::uint64_t> nextOffset;
    std::optional<std::uint64_t> nextLine;
};

/// Reads a part of the file at `location`, at most `maxBytes` of it. A text is cut between characters.
///
/// Errors:    Failure.
/// Threading: any thread.
Excerpt readFile(const Location& location, const Range& range, Encoding encoding, std::uint64_t maxBytes,
                 const Stop& stop);

} // namespace tenon::filesystem
