#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// What a frame between the server and a worker, or an attached program, is. A worker is the same executable; an attached
/// program may be older or newer: numbers stay what they are, unknown types are ignored, fields are only appended to
/// bodies (sdk/ATTACH.md).
enum class FrameType : std::uint8_t
{
    // server to worker
    INIT = 1,   ///< name, threads, limits, sandbox, count, then count pairs of settings
    START = 2,  ///< flag whether a state follows, version of the predecessor, state
    OFFER = 3,  ///< read the lists again; answered by READY
    CALL = 4,   ///< see WorkerCalls::send
    CANCEL = 5, ///< (id of the call)
    ANSWER = 6, ///< (id of the call) status, text: to the worker's ASK
    STOP = 9,   ///< stop, hand over the state (SAVED), exit

    // server to attached program
    WELCOME = 33,  ///< version of what follows, version of the server, settings (attach/ProgramHello.h)
    DENIED = 34,   ///< reason, for people
    PREPARED = 35, ///< settings, flag whether a state follows, version of the predecessor, state
    KEPT = 36,     ///< flag whether the state is kept

    // attached program to server
    HELLO =
        48, ///< ATTACH_GREETING, lowest and highest version, name, title, key of the process, its id, version of the
            ///< library, the offer as in READY
    TITLE = 49,   ///< title
    TAKEN = 50,   ///< (id of the call) the thread it waited for has taken it
    PREPARE = 51, ///< as HELLO up to its id: what a program is to know before it starts; answered by PREPARED
    SAVE = 52,    ///< the same of a program that has left, version of its manifest, its state; answered by KEPT

    // worker to server
    READY = 64,        ///< the offer
    REFUSED = 65,      ///< reason
    STARTED = 66,      ///< answers START
    SAVED = 68,        ///< state
    FINISH = 69,       ///< (id of the call) result
    FAIL = 70,         ///< (id of the call) status, message
    RETURNED = 71,     ///< (id of the call) status: it has not ended the call
    PROGRESS = 72,     ///< (id of the call) done, total, message
    LOG = 73,          ///< (id of the call) level, logger, data
    ASK = 74,          ///< (id of the call) Question, key, text
    REMEMBER = 75,     ///< (id of the call) key, value
    RELEASE = 76,      ///< (id of the call) retryMs
    HOST_LOG = 77,     ///< level, message
    LIST_CHANGED = 78, ///< kind
    UPDATED = 79,      ///< uri
    WORKER = 80,       ///< (id: the worker's process) from its keeper, before anything of the worker
    LACKS = 81         ///< what the plugin lacks
};

/// What a worker asks about a call and waits for.
enum class Question : std::uint64_t
{
    INPUT = 1,
    RECALL,
    BEGIN_TASK,
    EMIT
};

/// What an attached program says first.
constexpr std::string_view ATTACH_GREETING = "tenon-attach";
constexpr std::uint64_t ATTACH_VERSION = 1;

/// The bytes of a number in the order of the wire, least significant first.
template <typename Number>
[[nodiscard]] std::array<char, sizeof(Number)> wireBytes(Number number)
{
    auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
    if constexpr (std::endian::native == std::endian::big)
        std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

template <typename Number>
[[nodiscard]] Number fromWire(const char* data)
{
    std::array<char, sizeof(Number)> bytes;
    std::memcpy(bytes.data(), data, sizeof(Number));
    if constexpr (std::endian::native == std::endian::big)
        std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<Number>(bytes);
}

/// What goes before each body: its size (4 bytes), the type (1), whether the body goes on in the next frame of the same
/// type and id (1), 0 (2), the id (8).
struct FrameHeader
{
    std::uint32_t size; ///< bytes of the body that follows
    FrameType type;
    std::uint8_t more; ///< 1: the body goes on in the next frame of the same type and id
    std::uint64_t id;

    static constexpr std::size_t SIZE = 16;

    [[nodiscard]] std::array<char, SIZE> bytes() const
    {
        std::array<char, SIZE> made{};
        const auto sizeBytes = wireBytes(size);
        const auto idBytes = wireBytes(id);
        std::copy(sizeBytes.begin(), sizeBytes.end(), made.begin());
        made[4] = static_cast<char>(type);
        made[5] = static_cast<char>(more);
        std::copy(idBytes.begin(), idBytes.end(), made.begin() + 8);
        return made;
    }

    [[nodiscard]] static FrameHeader read(const char* data)
    {
        return {fromWire<std::uint32_t>(data), static_cast<FrameType>(data[4]), static_cast<std::uint8_t>(data[5]),
                fromWire<std::uint64_t>(data + 8)};
    }
};

/// Bodies beyond this travel in several frames, so that a large result does not hold up the small ones behind it.
constexpr std::size_t MAX_FRAME_BODY = 256 * 1024;

/// A frame as it arrived.
struct Frame
{
    FrameType type{};
    std::uint64_t id = 0;
    std::string_view body;        ///< empty if it was larger than the reader takes
    std::size_t droppedBytes = 0; ///< what it had then
};

/// Puts fields behind one another into a body: numbers as eight bytes, texts as their size and their bytes.
class FieldWriter
{
public:
    explicit FieldWriter(std::string& out) : _out(out) {}

    FieldWriter& number(std::uint64_t value) { return bytes(value); }
    FieldWriter& signedNumber(std::int64_t value) { return bytes(value); }
    FieldWriter& real(double value) { return bytes(value); }
    FieldWriter& text(std::string_view value)
    {
        number(value.size());
        _out.append(value);
        return *this;
    }

private:
    template <typename Number>
    FieldWriter& bytes(Number value)
    {
        const auto data = wireBytes(value);
        _out.append(data.data(), data.size());
        return *this;
    }

    std::string& _out;
};

/// Takes fields out of a body, in the order in which they were put. What is not there is 0 or empty, and `good` says
/// so.
class FieldReader
{
public:
    explicit FieldReader(std::string_view body) : _rest(body) {}

    std::uint64_t number() { return fixed<std::uint64_t>(); }
    std::int64_t signedNumber() { return fixed<std::int64_t>(); }
    double real() { return fixed<double>(); }
    std::string_view text()
    {
        const std::uint64_t size = number();
        if (size > _rest.size())
        {
            _good = false;
            return {};
        }
        const auto value = _rest.substr(0, size);
        _rest.remove_prefix(size);
        return value;
    }
    [[nodiscard]] bool good() const { return _good; }

private:
    template <typename Value>
    Value fixed()
    {
        Value value{};
        if (_rest.size() < sizeof value)
            _good = false;
        else
        {
            value = fromWire<Value>(_rest.data());
            _rest.remove_prefix(sizeof value);
        }
        return value;
    }

    std::string_view _rest;
    bool _good = true;
};

} // namespace tenon::plugin
