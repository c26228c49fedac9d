#pragma once

#include "plugin/abi/ResultSurvey.h"

#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// Writes one JSON value into a string it owns, and makes sure that it is one: what would not be well-formed is refused
/// and remembered, whatever follows is dropped until `reset`. So is what would be larger than it may be: that is not built.
///
/// Threading: one thread at a time.
class ResultWriter
{
public:
    static constexpr std::size_t MAX_DEPTH = 1000; ///< below what `base::JsonDocument` reads

    void beginObject() { open('{', true); }
    void endObject() { close('}', true); }
    void beginArray() { open('[', false); }
    void endArray() { close(']', false); }
    void key(std::string_view name);
    void text(std::string_view value);
    void integer(std::int64_t value);
    void number(double value);
    void boolean(bool value);
    void null();
    void base64(const void* data, std::size_t size);
    void value(const simdjson::dom::element& element);

    /// One value as JSON text; it is parsed to check it, and stripped of line breaks.
    void json(std::string_view json);

    /// How much may be written. What a text takes for its escapes may go beyond. Before anything is written.
    void limit(std::size_t mostBytes) noexcept { _most = mostBytes; }
    /// About how much was to be written, if that was more; 0: it was not.
    [[nodiscard]] std::size_t tooLarge() const noexcept { return _tooLarge; }

    /// Remembers that something could not be written.
    void refuse() { _next = Next::FAILED; }

    /// As `refuse`, for there was no memory.
    void lackMemory() noexcept
    {
        _next = Next::FAILED;
        _lacksMemory = true;
    }
    [[nodiscard]] bool lacksMemory() const noexcept { return _lacksMemory; }

    /// The number that JSON cannot hold, of those that were to be written: "NaN", "Infinity" or "-Infinity"; empty if
    /// there was none. Nothing else takes its place: what was written is not complete.
    [[nodiscard]] std::string_view notRepresentable() const { return _notRepresentable; }

    void reset();

    /// Whether what was written is one complete value, and whether that is an object.
    [[nodiscard]] bool complete() const { return _next == Next::NOTHING; }
    [[nodiscard]] bool completeObject() const { return complete() && _topIsObject; }

    /// Of a complete object.
    [[nodiscard]] const ResultShape& shape() const { return _survey.shape(); }

    /// What was written. May be moved from, then `reset` is due.
    [[nodiscard]] std::string& output() { return _out; }

private:
    /// What may be written next.
    enum class Next : unsigned char
    {
        VALUE,
        NAME,    ///< of a member
        NOTHING, ///< it is complete
        FAILED
    };

    [[nodiscard]] bool fits(std::size_t bytes) const noexcept { return bytes <= _most - std::min(_most, _out.size()); }
    /// Whether such a piece may stand here, and finds room.
    [[nodiscard]] bool may(Next next, std::size_t bytes) noexcept
    {
        if (_next == next && fits(bytes))
            return true;
        turnDown(bytes);
        return false;
    }
    void turnDown(std::size_t bytes) noexcept;
    void separate()
    {
        if (_comma)
            _out += ',';
    }
    /// A value is complete.
    void ended() noexcept
    {
        _comma = true;
        _next = _after;
    }
    void open(char bracket, bool object);
    void close(char bracket, bool object);
    template <typename Write>
    void other(bool object, std::size_t bytes, Write write);

    std::string _out;
    ResultSurvey _survey;
    std::bitset<MAX_DEPTH> _objects; ///< of the open containers: true for objects
    std::size_t _depth = 0;          ///< how many are open
    Next _next = Next::VALUE;
    Next _after = Next::NOTHING; ///< after a value of the innermost open container: VALUE, NAME; at the top NOTHING
    bool _comma = false;         ///< the next item needs one before it
    bool _topIsObject = false;
    bool _lacksMemory = false;
    std::size_t _tooLarge = 0;
    std::size_t _most = std::numeric_limits<std::size_t>::max();
    std::string_view _notRepresentable;
};

} // namespace tenon::plugin
