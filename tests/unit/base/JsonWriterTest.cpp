#include "base/json/JsonWriter.h"
#include "base/json/JsonDocument.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using tenon::base::JsonDocument;
using tenon::base::JsonWriter;

class JsonWriterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonWriterTest);
    CPPUNIT_TEST(commasAreSet);
    CPPUNIT_TEST(stringsAreEscaped);
    CPPUNIT_TEST(everyByteGivesReadableJson);
    CPPUNIT_TEST(everyLengthAndPlaceIsEscaped);
    CPPUNIT_TEST(invalidUtf8IsReplaced);
    CPPUNIT_TEST(validUtf8StaysAsItIs);
    CPPUNIT_TEST(numbersAreExact);
    CPPUNIT_TEST(whatIsNoNumberIsNull);
    CPPUNIT_TEST(parsedValuesAreCopied);
    CPPUNIT_TEST(deepValuesAreCopied);
    CPPUNIT_TEST(bytesBecomeBase64);
    CPPUNIT_TEST_SUITE_END();

public:
    void commasAreSet()
    {
        std::string out;
        JsonWriter writer(out);
        writer.beginObject()
            .member("a", 1)
            .key("b")
            .beginArray()
            .value(true)
            .null()
            .beginObject()
            .endObject()
            .endArray();
        writer.key("c").beginArray().endArray().rawMember("d", "{}").member("e", "x").endObject();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":1,"b":[true,null,{}],"c":[],"d":{},"e":"x"})"), out);
    }

    void stringsAreEscaped()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"("a\"b\\c\n\r\t\u0001\u001f/")"), quoted("a\"b\\c\n\r\t\x01\x1F/"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"("\u0000")"), quoted(std::string_view("\0", 1)));
        CPPUNIT_ASSERT_EQUAL(std::string("\"\""), quoted(""));
    }

    void everyLengthAndPlaceIsEscaped()
    {
        for (std::size_t size = 0; size <= 200; ++size)
        {
            std::string text(size, 'a');
            for (std::size_t at = 0; at < size; ++at)
                text[at] = static_cast<char>('a' + at % 26);
            CPPUNIT_ASSERT_EQUAL('"' + text + '"', quoted(text));
            for (std::size_t at = 0; at < std::min<std::size_t>(size, 70); ++at)
            {
                std::string odd = text;
                odd[at] = '\n';
                CPPUNIT_ASSERT_EQUAL('"' + text.substr(0, at) + "\\n" + text.substr(at + 1) + '"', quoted(odd));
                std::string out;
                JsonWriter(out).beginObject().member("first", 1).member(odd, 2).member(text, 3).endObject();
                CPPUNIT_ASSERT_EQUAL("{\"first\":1," + quoted(odd) + ":2," + quoted(text) + ":3}", out);
            }
        }
    }

    void everyByteGivesReadableJson()
    {
        for (int first = 0; first < 256; ++first)
            for (int second = 0; second < 256; second += 5)
            {
                const char text[] = {static_cast<char>(first), static_cast<char>(second), 'x'};
                (void)JsonDocument::parse(quoted(std::string_view(text, 3)));
                (void)JsonDocument::parse(quoted(std::string_view(text, 2)));
            }
    }

    void invalidUtf8IsReplaced()
    {
        const std::string mark = "\xEF\xBF\xBD";
        CPPUNIT_ASSERT_EQUAL("\"a" + mark + "b\"", quoted("a\xFF"
                                                          "b"));
        CPPUNIT_ASSERT_EQUAL("\"" + mark + "\"", quoted("\xC3"));
        CPPUNIT_ASSERT_EQUAL("\"" + mark + mark + "\"", quoted("\xC0\x80"));            // overlong
        CPPUNIT_ASSERT_EQUAL("\"" + mark + mark + mark + "\"", quoted("\xED\xA0\x80")); // a surrogate
        CPPUNIT_ASSERT_EQUAL("\"" + mark + mark + mark + mark + "\"", quoted("\xF4\x90\x80\x80"));
        CPPUNIT_ASSERT_EQUAL("\"" + mark + mark + "x\"", quoted("\xE2\x82"
                                                                "x"));
    }

    void validUtf8StaysAsItIs()
    {
        for (const std::string text : {"ä", "€", "😀", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"})
            CPPUNIT_ASSERT_EQUAL('"' + text + '"', quoted(text));
    }

    void numbersAreExact()
    {
        std::string out;
        JsonWriter writer(out);
        writer.beginArray()
            .value(std::numeric_limits<std::int64_t>::min())
            .value(std::numeric_limits<std::uint64_t>::max())
            .value(0.1)
            .value(1e300)
            .value(-0.0)
            .value(short(-3))
            .endArray();
        CPPUNIT_ASSERT_EQUAL(std::string("[-9223372036854775808,18446744073709551615,0.1,1e+300,-0,-3]"), out);
        (void)JsonDocument::parse(out);
    }

    void whatIsNoNumberIsNull()
    {
        std::string out;
        JsonWriter writer(out);
        writer.beginArray().value(NAN).value(INFINITY).value(-INFINITY).endArray();
        CPPUNIT_ASSERT_EQUAL(std::string("[null,null,null]"), out);
    }

    void parsedValuesAreCopied()
    {
        const std::string text =
            R"({"a":[1,-2,18446744073709551615,true,null],"b":{"c":"x\ny\u0000é😀"},"d":0.5,"e":{},"f":[]})";
        const auto document = JsonDocument::parse(text);
        std::string out;
        JsonWriter writer(out);
        writer.beginObject();
        for (const auto& [name, value] : simdjson::dom::object(document->root()))
            writer.member(name, value);
        writer.endObject();
        CPPUNIT_ASSERT_EQUAL(text, out);
    }

    void deepValuesAreCopied()
    {
        const std::string text = std::string(1000, '[') + std::string(1000, ']');
        std::string out;
        JsonWriter(out).value(JsonDocument::parse(text)->root());
        CPPUNIT_ASSERT_EQUAL(text, out);
    }

    void bytesBecomeBase64()
    {
        const std::pair<std::string_view, std::string_view> pairs[] = {
            {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xFB\xFF\xFE", "+//+"}};
        for (const auto& [bytes, text] : pairs)
        {
            std::string out;
            JsonWriter(out).beginArray().base64(bytes.data(), bytes.size()).endArray();
            CPPUNIT_ASSERT_EQUAL("[\"" + std::string(text) + "\"]", out);
        }
    }

private:
    static std::string quoted(std::string_view text)
    {
        std::string out;
        JsonWriter::appendString(out, text);
        return out;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonWriterTest);
