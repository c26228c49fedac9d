#pragma once

#include "store/Archive.h"
#include "store/redis/wire/RedisReply.h"

#include <cstddef>
#include <string>

namespace tenon::store
{

/// An event as it is kept in Redis: "<index> <1 if it is the last> <bytes of answers>:<answers><message>".
///
/// Shape: adds to `text`. `answers` as in Archive::append.
void appendEvent(std::string& text, const Event& event, const std::string& answers);

/// One of several in one text: "<bytes>:<event>".
void appendSized(std::string& text, const Event& event, const std::string& answers);

/// At least as many bytes as either of them adds.
[[nodiscard]] std::size_t mostBytes(const Event& event, const std::string& answers);

/// A stream as Redis keeps it, a list of events or a text with all. False: it is none.
[[nodiscard]] bool readStream(const RedisReply& reply, ArchivedStream& stream);

} // namespace tenon::store
