#include "plugin/abi/WriterApi.h"

#include "plugin/abi/HostCall.h"
#include "plugin/abi/ValueApi.h"

namespace tenon::plugin
{

namespace
{

ResultWriter& writerOf(tenon_call* call)
{
    return HostCall::of(call).writer();
}

/// Nothing thrown gets into the plugin, which may know no exceptions.
template <typename Write>
void writing(tenon_call* call, Write write) noexcept
{
    ResultWriter& writer = writerOf(call);
    try
    {
        write(writer);
    }
    catch (...)
    {
        writer.lackMemory();
    }
}

void TENON_ABI value(tenon_call* call, tenon_value value)
{
    writing(call,
            [&](ResultWriter& writer)
            {
                if (value.document)
                    writer.value(toElement(value));
                else
                    writer.refuse();
            });
}

tenon_text TENON_ABI written(tenon_call* call)
{
    ResultWriter& writer = writerOf(call);
    return writer.complete() ? toText(writer.output()) : tenon_text{nullptr, 0};
}

const tenon_writer_api WRITER_API = {
    sizeof(tenon_writer_api),
    0,
    [](tenon_call* call) { writing(call, [&](ResultWriter& writer) { writer.beginObject(); }); },
    [](tenon_call* call) { writing(call, [&](ResultWriter& writer) { writer.endObject(); }); },
    [](tenon_call* call) { writing(call, [&](ResultWriter& writer) { writer.beginArray(); }); },
    [](tenon_call* call) { writing(call, [&](ResultWriter& writer) { writer.endArray(); }); },
    [](tenon_call* call, tenon_text name) { writing(call, [&](ResultWriter& writer) { writer.key(toView(name)); }); },
    [](tenon_call* call, tenon_text text) { writing(call, [&](ResultWriter& writer) { writer.text(toView(text)); }); },
    [](tenon_call* call, std::int64_t number) { writing(call, [&](ResultWriter& writer) { writer.integer(number); }); },
    [](tenon_call* call, double number) { writing(call, [&](ResultWriter& writer) { writer.number(number); }); },
    [](tenon_call* call, bool flag) { writing(call, [&](ResultWriter& writer) { writer.boolean(flag); }); },
    [](tenon_call* call) { writing(call, [&](ResultWriter& writer) { writer.null(); }); },
    [](tenon_call* call, const void* data, std::uint64_t size)
    { writing(call, [&](ResultWriter& writer) { writer.base64(data, size); }); },
    value,
    [](tenon_call* call, tenon_text json) { writing(call, [&](ResultWriter& writer) { writer.json(toView(json)); }); },
    [](tenon_call* call) { writerOf(call).reset(); },
    written,
    [](tenon_call* call) { return HostCall::of(call).finishWritten(); },
};

} // namespace

const tenon_writer_api& writerApi()
{
    return WRITER_API;
}

} // namespace tenon::plugin
