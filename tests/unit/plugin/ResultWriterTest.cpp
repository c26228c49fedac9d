#include "plugin/abi/ResultWriter.h"

#include "base/json/JsonDocument.h"
#include "plugin/abi/HostCall.h"
#include "plugin/abi/ValueApi.h"
#include "plugin/abi/WriterApi.h"
#include "support/Sanitizer.h"
#include "unit/plugin/FakeCall.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <limits>
#include <vector>

namespace tenon::plugin
{

class ResultWriterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResultWriterTest);
    CPPUNIT_TEST(writesEveryKindOfValue);
    CPPUNIT_TEST(onlyOneCompleteObjectIsAResult);
    CPPUNIT_TEST(misplacedPiecesAreRefused);
    CPPUNIT_TEST(finishedJsonIsCheckedAndKeptOnOneLine);
    CPPUNIT_TEST(resetForgetsFailure);
    CPPUNIT_TEST(endlessNestingIsRefused);
    CPPUNIT_TEST(theShapeOfAPlainResultIsNoted);
    CPPUNIT_TEST(whatHasToBeLookedAtIsNotPlain);
    CPPUNIT_TEST(aPluginIsThrownNothingForWantOfMemory);
    CPPUNIT_TEST(aLargeResultIsCopiedInItsTurn);
    CPPUNIT_TEST(whatIsTooLargeIsNotBuilt);
    CPPUNIT_TEST(whatIsTooLargeIsToldWithItsSize);
    CPPUNIT_TEST_SUITE_END();

    ResultWriter _out;

    template <typename Work>
    void refused(Work work)
    {
        _out.reset();
        work();
        CPPUNIT_ASSERT(!_out.complete());
    }

    void writesEveryKindOfValue()
    {
        const auto document = base::JsonDocument::parse(R"({"x": [1, 2]})");
        _out.beginObject();
        _out.key("text");
        _out.text("a\"\n\xff");
        _out.key("list");
        _out.beginArray();
        _out.integer(-7);
        _out.number(0.1);
        _out.boolean(true);
        _out.null();
        _out.base64("abc", 3);
        _out.value(document->root());
        _out.json("{\"y\":1}");
        _out.beginObject();
        _out.endObject();
        _out.endArray();
        _out.endObject();
        CPPUNIT_ASSERT(_out.completeObject());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"text\":\"a\\\"\\n\xEF\xBF\xBD\",\"list\":[-7,0.1,true,null,\"YWJj\","
                                         "{\"x\":[1,2]},{\"y\":1},{}]}"),
                             _out.output());
    }

    void onlyOneCompleteObjectIsAResult()
    {
        CPPUNIT_ASSERT(!_out.complete());
        _out.beginArray();
        CPPUNIT_ASSERT(!_out.complete());
        _out.endArray();
        CPPUNIT_ASSERT(_out.complete() && !_out.completeObject());
        _out.reset();
        _out.json("{}");
        CPPUNIT_ASSERT(_out.completeObject());
        _out.reset();
        _out.json("[]");
        CPPUNIT_ASSERT(!_out.completeObject());
    }

    void misplacedPiecesAreRefused()
    {
        refused([&] { _out.key("a"); });
        refused([&] { _out.endObject(); });
        refused([&] { _out.null(), _out.null(); });
        refused([&] { _out.beginObject(), _out.null(), _out.endObject(); });
        refused([&] { _out.beginObject(), _out.key("a"), _out.endObject(); });
        refused([&] { _out.beginObject(), _out.key("a"), _out.key("b"), _out.null(), _out.endObject(); });
        refused([&] { _out.beginArray(), _out.key("a"), _out.endArray(); });
        refused([&] { _out.beginArray(), _out.endObject(); });
        refused([&] { _out.json("{"); });
        refused([&] { _out.json("1 2"); });
        refused([&] { _out.beginObject(), _out.endObject(), _out.beginObject(), _out.endObject(); });
    }

    void finishedJsonIsCheckedAndKeptOnOneLine()
    {
        _out.json("{\n  \"a\": 1\r\n}");
        CPPUNIT_ASSERT(_out.completeObject());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"a\":1}"), _out.output());
    }

    void resetForgetsFailure()
    {
        refused([&] { _out.endArray(); });
        _out.reset();
        _out.null();
        CPPUNIT_ASSERT(_out.complete());
    }

    void endlessNestingIsRefused()
    {
        for (std::size_t level = 0; level <= ResultWriter::MAX_DEPTH; ++level)
            _out.beginArray();
        for (std::size_t level = 0; level <= ResultWriter::MAX_DEPTH; ++level)
            _out.endArray();
        CPPUNIT_ASSERT(!_out.complete());
    }

    void writeContent(const char* type = "text", const char* member = "text")
    {
        _out.key("content"), _out.beginArray(), _out.beginObject();
        _out.key("type"), _out.text(type), _out.key(member), _out.text("x");
        _out.endObject(), _out.endArray();
    }

    void theShapeOfAPlainResultIsNoted()
    {
        for (const bool structuredFirst : {true, false})
        {
            _out.reset();
            _out.beginObject();
            if (!structuredFirst)
                writeContent();
            _out.key("structuredContent"), _out.beginObject(), _out.key("content"), _out.beginArray();
            _out.integer(1), _out.endArray(), _out.key("isError"), _out.boolean(false), _out.endObject();
            if (structuredFirst)
                writeContent();
            _out.key("isError"), _out.boolean(true), _out.endObject();
            const ResultShape& shape = _out.shape();
            CPPUNIT_ASSERT(_out.completeObject() && shape.plain && shape.isError);
            CPPUNIT_ASSERT(shape.structured && shape.structuredIsObject);
            CPPUNIT_ASSERT_EQUAL(
                std::string(R"({"content":[1],"isError":false})"),
                _out.output().substr(shape.structuredBegin, shape.structuredEnd - shape.structuredBegin));
        }
    }

    template <typename Work>
    void odd(Work work)
    {
        _out.reset();
        _out.beginObject();
        work();
        _out.endObject();
        CPPUNIT_ASSERT(_out.completeObject());
        CPPUNIT_ASSERT(!_out.shape().plain);
    }

    void whatHasToBeLookedAtIsNotPlain()
    {
        odd([] {});
        odd([&] { _out.key("isError"), _out.boolean(true); });
        odd([&] { writeContent("image"); });
        odd([&] { writeContent("text", "data"); });
        odd([&] { writeContent(), writeContent(); });
        odd([&] { writeContent(), _out.key("_meta"), _out.beginObject(), _out.endObject(); });
        odd([&] { writeContent(), _out.key("resultType"), _out.text("complete"); });
        odd([&] { writeContent(), _out.key("isError"), _out.null(); });
        odd([&] { _out.key("content"), _out.json("[]"); });
        odd([&] { _out.key("content"), _out.beginObject(), _out.endObject(); });
        odd([&] { _out.key("content"), _out.beginArray(), _out.integer(1), _out.endArray(); });
        odd([&] { _out.key("content"), _out.beginArray(), _out.json("{}"), _out.endArray(); });
    }

    void aPluginIsThrownNothingForWantOfMemory()
    {
        if (tests::UNDER_SANITIZER)
            return; // takes the attempt for a fault
        const auto backend = std::make_shared<FakeCall>();
        HostCall* const call = HostCall::begin(*backend);
        const auto& api = writerApi();
        api.begin_object(call->abi());
        api.key(call->abi(), toText("data"));
        api.base64(call->abi(), "x", std::uint64_t(1) << 61);
        api.end_object(call->abi());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api.finish(call->abi()));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->returned(TENON_OK, backend, {}));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), backend->failure);
        CPPUNIT_ASSERT(backend->failureMessage.find("no memory") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1, backend->ends.load());
    }

    void aLargeResultIsCopiedInItsTurn()
    {
        for (const std::size_t bytes : {std::size_t(10), base::LargeTurn::LARGE})
        {
            const auto backend = std::make_shared<FakeCall>();
            HostCall* const call = HostCall::begin(*backend);
            const std::string text = "{\"text\":\"" + std::string(bytes, 'x') + "\"}";
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->abi()->api->finish(call->abi(), toText(text)));
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->returned(TENON_OK, backend, {}));
            CPPUNIT_ASSERT_EQUAL(text, backend->result);
            CPPUNIT_ASSERT_EQUAL(bytes == base::LargeTurn::LARGE, backend->inTurn);
        }
    }

    void whatIsTooLargeIsNotBuilt()
    {
        const std::string text(600, 'x');
        const std::vector<std::function<void(ResultWriter&)>> pieces{
            [&](ResultWriter& writer) { writer.text(text); },
            [&](ResultWriter& writer) { writer.json('"' + text + '"'); },
            [&](ResultWriter& writer) { writer.base64(text.data(), 450); },
            [&](ResultWriter& writer)
            {
                writer.beginArray();
                for (int i = 0; i < 300; ++i)
                    writer.integer(i);
                writer.endArray();
            }};
        for (const auto& write : pieces)
        {
            ResultWriter writer;
            writer.limit(1000);
            writer.beginObject();
            writer.key("a");
            write(writer);
            if (!writer.tooLarge()) // one alone finds room
            {
                writer.key("b");
                write(writer);
            }
            writer.key("c");
            writer.text("more");
            writer.endObject();
            CPPUNIT_ASSERT(!writer.complete());
            CPPUNIT_ASSERT(writer.tooLarge() > 1000 && writer.tooLarge() < 10'000);
            CPPUNIT_ASSERT_EQUAL(std::size_t(0), writer.output().size());
            CPPUNIT_ASSERT(writer.output().capacity() < 100);
            writer.reset();
            writer.beginObject();
            writer.endObject();
            CPPUNIT_ASSERT(writer.completeObject() && !writer.tooLarge());
        }
    }

    void whatIsTooLargeIsToldWithItsSize()
    {
        const std::string text(3'000'000, 'x');
        const std::vector<std::function<tenon_status(tenon_call*)>> ways{
            [&](tenon_call* call) { return call->api->finish(call, toText("{\"text\":\"" + text + "\"}")); },
            [&](tenon_call* call)
            {
                const auto& api = writerApi();
                api.begin_object(call);
                api.key(call, toText("text"));
                api.text(call, toText(text));
                api.end_object(call);
                return api.finish(call);
            }};
        for (const auto& end : ways)
        {
            const auto backend = std::make_shared<FakeCall>();
            backend->most = 1'000'000;
            HostCall* const call = HostCall::begin(*backend);
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), end(call->abi()));
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->returned(TENON_OK, backend, {}));
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), backend->failure);
            CPPUNIT_ASSERT(
                backend->failureMessage.starts_with("the result has 3.1 MB and may have 1.0 MB: ask for less"));
            CPPUNIT_ASSERT_EQUAL(1, backend->ends.load());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResultWriterTest);

} // namespace tenon::plugin
