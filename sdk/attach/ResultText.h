#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::attach
{

/// JSON as `tenon.writer/1` builds it. What would not be well-formed, and a number that JSON cannot hold, is refused and
/// remembered: nothing can be had from it then.
///
/// Threading: one thread at a time.
class ResultText
{
public:
    void beginObject() { open('{', true); }
    void endObject() { close('}', true); }
    void beginArray() { open('[', false); }
    void endArray() { close(']', false); }
    void key(std::string_view name);
    void text(std::string_view value);
    void integer(std::int64_t value);
    void number(double value);
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void null() { raw("null"); }
    void base64(const void* data, std::size_t size);
    void raw(std::string_view json); ///< one value that is well-formed
    void refuse(std::string_view why = {});
    void reset();

    [[nodiscard]] bool complete() const { return _complete && !_failed; }
    [[nodiscard]] bool completeObject() const { return complete() && _out.front() == '{'; }
    [[nodiscard]] const std::string& output() const { return _out; }
    [[nodiscard]] const std::string& fault() const { return _fault; } ///< in words; empty if there are none

    /// The number that JSON cannot hold: "NaN", "Infinity" or "-Infinity"; empty if none was to be written.
    [[nodiscard]] std::string_view notRepresentable() const { return _notRepresentable; }

    static constexpr std::size_t MAX_DEPTH = 500;

private:
    bool beginValue();
    void endValue();
    void open(char bracket, bool object);
    void close(char bracket, bool object);
    void quote(std::string_view text);

    std::string _out;
    std::string _fault;
    std::string_view _notRepresentable;
    std::vector<bool> _objects; ///< what is open
    bool _comma = false, _named = false, _complete = false, _failed = false;
};

} // namespace tenon::attach
