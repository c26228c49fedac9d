#pragma once

#include "plugin/worker/channel/Frame.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace tenon::plugin
{

/// Cuts what arrives into frames and puts bodies that came in pieces together.
///
/// Threading: one thread at a time.
class FrameSplitter
{
public:
    /// What all bodies that are not whole yet may hold together.
    static constexpr std::size_t MAX_UNFINISHED = std::size_t(256) << 20;

    static constexpr std::size_t SPACE = 128 * 1024;

    /// Shape: a body of more than `maxBody` bytes is dropped, and its frame says so: it is one call's affair.
    ///        `space` is what is received at once, in bytes.
    explicit FrameSplitter(std::size_t maxBody = MAX_UNFINISHED, std::size_t space = SPACE)
        : _maxBody(maxBody), _space(space)
    {
    }

    /// Where the next bytes are to be received.
    [[nodiscard]] std::pair<char*, std::size_t> space();

    /// `size` bytes were received there.
    void received(std::size_t size) { _end += size; }

    /// The next whole frame; false if more must be received. The body is borrowed until the next call of any function.
    ///
    /// Errors: std::runtime_error if unfinished bodies hold more than allowed or a header is none.
    bool next(Frame& frame);

    /// What is held now, here and in pieces.
    [[nodiscard]] std::size_t heldBytes() const { return _buffer.capacity() + _assembled.capacity() + _unfinished; }

    /// Gives back what a large body needed, once it is dealt with.
    void trim();

    /// Drops the largest of the bodies that are not whole yet, as if it had more bytes than it may. False: there is none.
    [[nodiscard]] bool dropLargest();

private:
    static constexpr std::size_t PART_OVERHEAD = 128; ///< what an empty entry of `_parts` takes, about

    struct Part
    {
        std::string body;
        std::size_t dropped = 0; ///< bytes, `body` among them; 0: none
    };

    [[nodiscard]] std::size_t missing() const;
    void add(Part& part, std::string_view piece);
    void drop(Part& part);

    const std::size_t _maxBody;
    const std::size_t _space;
    std::string _buffer;
    std::size_t _begin = 0, _end = 0;
    std::map<std::pair<FrameType, std::uint64_t>, Part> _parts;
    std::size_t _unfinished = 0; ///< bytes of `_parts`
    std::string _assembled;
};

} // namespace tenon::plugin
