// The chunked decoder: in place, in any steps, the same result.
#include "net/http/ChunkedDecoder.h"

#include <algorithm>
#include <cstdlib>
#include <string>

using tenon::net::ChunkedDecoder;

namespace
{

constexpr std::size_t MAX_BYTES = 1000;

struct Outcome
{
    ChunkedDecoder::State state = ChunkedDecoder::State::MORE;
    std::string body;
    std::size_t consumed = 0;
};

Outcome decode(std::string text, std::size_t step)
{
    ChunkedDecoder decoder;
    Outcome outcome;
    std::size_t out = 0;
    while (outcome.consumed < text.size() && outcome.state == ChunkedDecoder::State::MORE)
    {
        std::size_t consumed = 0, produced = 0;
        outcome.state = decoder.feed(text.data() + outcome.consumed, std::min(step, text.size() - outcome.consumed),
                                     text.data() + out, MAX_BYTES, consumed, produced);
        outcome.consumed += consumed;
        out += produced;
        if (out > outcome.consumed || out > MAX_BYTES)
            std::abort();
    }
    outcome.body = text.substr(0, out);
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    const Outcome whole = decode(text, text.size() + 1);
    for (const std::size_t step : {1U, 2U, 7U})
    {
        const Outcome parts = decode(text, step);
        if (parts.state != whole.state || parts.consumed != whole.consumed || parts.body != whole.body)
            std::abort();
    }
    return 0;
}
