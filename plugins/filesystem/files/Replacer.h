#pragma once

#include "filesystem/files/Changes.h"

#include <string>

namespace tenon::filesystem
{

/// Replaces texts in a text that is held in memory.
class Replacer
{
public:
    explicit Replacer(std::string text);

    /// Errors: Failure (INVALID): `oldText` is empty, not there (with the most similar line), or there more than once.
    void replace(const Replacement& replacement);

    const std::string& text() const { return _text; }
    std::uint64_t count() const { return _count; }

    /// Whether LF was taken as CRLF.
    bool tookCrLf() const { return _tookCrLf; }

private:
    [[noreturn]] void refuseMissing(const std::string& wanted) const;
    [[noreturn]] void refuseRepeated(const std::string& wanted, std::size_t first) const;
    std::size_t lineAt(std::size_t at) const;

    std::string _text;
    const bool _crLf; ///< every line ends with it
    std::uint64_t _count = 0;
    bool _tookCrLf = false;
};

} // namespace tenon::filesystem
