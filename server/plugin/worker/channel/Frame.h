#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// What a frame between server and worker is. Both ends are the same executable: no versions, native byte order.
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
    WORKER = 80        ///< (id: the worker's process) from its keeper, before anything of the worker
};

/// What a worker asks about a call and waits for.
enum class Question : std::uint64_t
{
    INPUT = 1,
    RECALL,
    BEGIN_TASK
};

struct FrameHeader
{
    std::uint32_t size; ///< bytes of the body that follows
    FrameType type;
    std::uint8_t more; ///< 1: the body goes on in the next frame of the same type and id
    std::uint16_t reserved;
    std::uint64_t id;
};
static_assert(sizeof(FrameHeader) == 16);

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

    FieldWriter& number(std::uint64_t value) { return bytes(&value, sizeof value); }
    FieldWriter& signedNumber(std::int64_t value) { return bytes(&value, sizeof value); }
    FieldWriter& real(double value) { return bytes(&value, sizeof value); }
    FieldWriter& text(std::string_view value)
    {
        number(value.size());
        return bytes(value.data(), value.size());
    }

private:
    FieldWriter& bytes(const void* data, std::size_t size)
    {
        _out.append(static_cast<const char*>(data), size);
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
            std::memcpy(&value, _rest.data(), sizeof value);
            _rest.remove_prefix(sizeof value);
        }
        return value;
    }

    std::string_view _rest;
    bool _good = true;
};

} // namespace tenon::plugin
