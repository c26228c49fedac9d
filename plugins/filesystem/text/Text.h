#pragma once

#include <string>
#include <string_view>

/// What bytes and names mean as text.

namespace tenon::filesystem
{

/// How many bytes at the beginning of `data` are whole, valid UTF-8 characters.
std::size_t validUtf8Prefix(std::string_view data);

/// Whether `data` ends within a character that could still become a valid one: a piece that was cut, not a fault.
bool endsInsideCharacter(std::string_view data);

/// `data` as UTF-8: each byte that is not part of a valid character becomes U+FFFD.
std::string toUtf8(std::string_view data);

/// Whether a person would call it text: valid UTF-8 (but for a character cut at its end) and no NUL.
bool looksLikeText(std::string_view data);

/// The MIME type that a file's name suggests. `text` decides between "text/plain" and "application/octet-stream" where
/// the name says nothing.
std::string mimeTypeOf(std::string_view name, bool text);

/// The MIME type of an image or a sound that MCP clients show or play, by the first bytes of the file; empty if it is
/// none.
std::string_view mediaTypeOf(std::string_view head);

/// Bytes of base64, with or without padding; white space is skipped. False if `base64` is none.
bool decodeBase64(std::string_view base64, std::string& data);

std::string encodeBase64(std::string_view data);

/// "2026-07-28T09:30:00Z" of nanoseconds since 1970.
std::string toDateTime(long long nanoseconds);

} // namespace tenon::filesystem
