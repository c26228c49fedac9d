#include "Call.h"
#include "Text.h"

namespace tenon::attach
{

namespace
{

ResultText& writerOf(tenon_call* call)
{
    return Call::of(call).writer();
}

/// Nothing thrown (memory) gets into the program's code.
template <typename Work>
void guarded(tenon_call* call, Work work)
{
    try
    {
        work(writerOf(call));
    }
    catch (...)
    {
        writerOf(call).refuse("there was no memory for its result");
    }
}

void TENON_ABI json(tenon_call* call, tenon_text text)
{
    guarded(call,
            [&](ResultText& writer)
            {
                if (JsonTree::parse(toView(text)))
                    writer.raw(toView(text));
                else
                    writer.refuse();
            });
}

void TENON_ABI value(tenon_call* call, tenon_value value)
{
    guarded(call,
            [&](ResultText& writer)
            {
                if (value.document)
                    writer.raw(JsonTree::of(value)->source(value.index));
                else
                    writer.refuse();
            });
}

constexpr tenon_writer_api API = {
    sizeof(tenon_writer_api),
    0,
    [](tenon_call* call) { guarded(call, [](ResultText& writer) { writer.beginObject(); }); },
    [](tenon_call* call) { guarded(call, [](ResultText& writer) { writer.endObject(); }); },
    [](tenon_call* call) { guarded(call, [](ResultText& writer) { writer.beginArray(); }); },
    [](tenon_call* call) { guarded(call, [](ResultText& writer) { writer.endArray(); }); },
    [](tenon_call* call, tenon_text name) { guarded(call, [&](ResultText& writer) { writer.key(toView(name)); }); },
    [](tenon_call* call, tenon_text text) { guarded(call, [&](ResultText& writer) { writer.text(toView(text)); }); },
    [](tenon_call* call, std::int64_t number) { guarded(call, [&](ResultText& writer) { writer.integer(number); }); },
    [](tenon_call* call, double number) { guarded(call, [&](ResultText& writer) { writer.number(number); }); },
    [](tenon_call* call, bool flag) { guarded(call, [&](ResultText& writer) { writer.boolean(flag); }); },
    [](tenon_call* call) { guarded(call, [](ResultText& writer) { writer.null(); }); },
    [](tenon_call* call, const void* data, std::uint64_t size)
    { guarded(call, [&](ResultText& writer) { writer.base64(data, static_cast<std::size_t>(size)); }); },
    value,
    json,
    [](tenon_call* call) { writerOf(call).reset(); },
    [](tenon_call* call)
    {
        const ResultText& writer = writerOf(call);
        return writer.complete() ? toText(writer.output()) : tenon_text{nullptr, 0};
    },
    [](tenon_call* call) { return Call::of(call).finishWritten(); },
};

} // namespace

const tenon_writer_api& writerApi()
{
    return API;
}

} // namespace tenon::attach
