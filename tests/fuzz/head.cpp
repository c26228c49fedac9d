// The head parser: whatever comes, it must not read beyond, and what it accepts must satisfy what the front relies on.
#include "fuzz/Input.h"
#include "net/http/HeadParser.h"
#include "net/http/PlainHead.h"

#include <memory>
#include <string_view>

using tenon::fuzz::demand;
using tenon::net::HeadMemory;
using tenon::net::HeadParser;
using tenon::net::PlainHead;
using tenon::net::RequestHead;
using State = HeadParser::State;

namespace
{

bool within(std::string_view part, std::string_view whole)
{
    return part.empty() || part == "/" ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Whatever the quick parser takes, the careful one takes in the same way, whatever head it had before.
void holdAgainstEachOther(std::string_view bytes, const HeadParser::Limits& limits, HeadMemory& memory)
{
    static RequestHead quick, careful;
    if (!PlainHead::parse(bytes, limits, quick, memory))
        return;
    demand(HeadParser::parse(bytes, limits, careful).state == State::COMPLETE);
    demand(quick.method == careful.method && quick.target == careful.target && quick.path == careful.path &&
           quick.query == careful.query);
    demand(quick.contentLength == careful.contentLength && quick.length == careful.length &&
           quick.minorVersion == careful.minorVersion && quick.chunked == careful.chunked &&
           quick.keepAlive == careful.keepAlive && quick.expectsContinue == careful.expectsContinue);
    demand(quick.fieldCount() == careful.fieldCount());
    for (std::size_t i = 0; i < quick.fieldCount(); ++i)
        demand(quick.field(i).name == careful.field(i).name && quick.field(i).value == careful.field(i).value);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // An exact copy, so that a sanitizer sees a byte too many.
    const std::unique_ptr<char[]> copy(new char[size > 0 ? size : 1]);
    for (std::size_t i = 0; i < size; ++i)
        copy[i] = static_cast<char>(data[i]);
    const std::string_view bytes(copy.get(), size);
    const HeadParser::Limits limits{4096, 1024};
    HeadMemory memory;
    holdAgainstEachOther(bytes, limits, memory);
    holdAgainstEachOther(bytes, limits, memory);
    // A head and the next one of the same client.
    if (const std::size_t next = bytes.find("\r\n\r\n"); next != std::string_view::npos)
        holdAgainstEachOther(bytes.substr(next + 4), limits, memory);
    static RequestHead head;
    const HeadParser::Result whole = HeadParser::parse(bytes, limits, head);
    if (whole.state == State::COMPLETE)
    {
        const std::string_view text = bytes.substr(0, head.length);
        demand(head.length <= size && head.length <= limits.headBytes && text.ends_with("\r\n\r\n"));
        demand(text.find('\0') == std::string_view::npos);
        demand(!(head.chunked && head.contentLength != 0));
        demand(!head.method.empty() && within(head.method, text) && within(head.path, text) &&
               within(head.query, text));
        demand(head.path == "*" || head.path.starts_with("/"));
        demand(head.path.find_first_of(" \t\r\n?#") == std::string_view::npos);
        for (std::size_t i = 0; i < head.fieldCount(); ++i)
        {
            demand(within(head.field(i).name, text) && within(head.field(i).value, text));
            demand(!head.field(i).name.empty() && head.field(i).name.find_first_of(" \t:") == std::string_view::npos);
            demand(head.field(i).value.find_first_of("\r\n") == std::string_view::npos);
            std::string_view value;
            demand(head.header(head.field(i).name, value));
        }
        // What follows a head does not change it, and the same head is found in steps.
        const std::size_t length = head.length;
        demand(HeadParser::parse(text, limits, head).state == State::COMPLETE && head.length == length);
        demand(HeadParser::parse(text.substr(0, text.size() - 1), limits, head).state == State::INCOMPLETE);
    }
    std::size_t scanned = 0;
    State state = State::INCOMPLETE;
    for (std::size_t step = 1, end = 0; end < size && state == State::INCOMPLETE; ++step)
    {
        end = end + step < size ? end + step : size;
        state = HeadParser::scan(bytes.substr(0, end), limits, scanned).state;
    }
    if (whole.state == State::COMPLETE)
        demand(state != State::REFUSED || size > limits.headBytes);
    if (state == State::COMPLETE)
        demand(whole.state != State::INCOMPLETE);
    return 0;
}
