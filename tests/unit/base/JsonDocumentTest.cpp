#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/json/KeptJson.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <thread>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

using tenon::base::findMember;
using tenon::base::JsonDocument;
using tenon::base::JsonDocumentPtr;
using tenon::base::textMember;
using tenon::base::toJson;

class JsonDocumentTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JsonDocumentTest);
    CPPUNIT_TEST(errorsSayWhatIsWrong);
    CPPUNIT_TEST(depthIsLimited);
    CPPUNIT_TEST(whatIsJsonButNotSimdjsonsIsCarried);
    CPPUNIT_TEST(numbersTooNearToZeroAreCarried);
    CPPUNIT_TEST(aLoneSurrogateIsReplaced);
    CPPUNIT_TEST(aByteOrderMarkIsSkipped);
    CPPUNIT_TEST(documentsStandOnTheirOwn);
    CPPUNIT_TEST(recycledDocumentsDoNotMix);
    CPPUNIT_TEST(largeTextsAreRead);
    CPPUNIT_TEST(paddedTextsAreReadInPlace);
    CPPUNIT_TEST(documentsTravelBetweenThreads);
    CPPUNIT_TEST(membersAreFound);
    CPPUNIT_TEST(whatStaysHoldsTheSame);
    CPPUNIT_TEST(whatStaysTakesWhatItHolds);
    CPPUNIT_TEST_SUITE_END();

public:
    void errorsSayWhatIsWrong()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("the text is empty"), faultOf(""));
        CPPUNIT_ASSERT_EQUAL(std::string("the text is empty"), faultOf("  \n"));
        CPPUNIT_ASSERT_EQUAL(std::string("the text is not valid UTF-8"), faultOf("\"\xFF\""));
        CPPUNIT_ASSERT_EQUAL(std::string("a comma, colon, bracket or value is missing or misplaced"),
                             faultOf("{\"a\" 1}"));
        for (const char* text : {"{",      "[1,]",      "{\"a\":1,}", "tru",       "01",
                                 "1.",     "\"a",       "\"\\x\"",    "\"\t\"",    "{} {}",
                                 "nan",    "+1",        "1e",         "{1e400:1}", "{\"a\":1,100000000000000000000:2}",
                                 "x1e400", "[1 1e400]", "1e400x",     "01e400",    "\"\\ud83\""})
            CPPUNIT_ASSERT_MESSAGE(text, !faultOf(text).empty());
    }

    void whatStaysHoldsTheSame()
    {
        const std::vector<std::string> texts = {
            R"({"a":[1,-2,18446744073709551615,0.5,1e400,1e-400,true,false,null,{}],"b":"\u00e9 \ud83d\ude00 \\ \" "})",
            R"("")",
            R"("only a text")",
            "0",
            "-0.0",
            "[]",
            "{}",
            R"({"":""})",
            "\xEF\xBB\xBF[\"\\ud83d\"]",
            R"([18446744073709551616,"x",9223372036854775807])",
            nested(1000)};
        for (const auto& text : texts)
        {
            const JsonDocumentPtr kept = tenon::base::JsonDocument::parseToKeep(text),
                                  other = JsonDocument::parse(text);
            CPPUNIT_ASSERT_EQUAL(toJson(other->root()), toJson(kept->root()));
            CPPUNIT_ASSERT_EQUAL(other->bytes(), kept->bytes());
        }
        for (const char* text : {"", "{", "[1,]", "\"\xFF\""})
            try
            {
                (void)tenon::base::JsonDocument::parseToKeep(text);
                CPPUNIT_FAIL(text);
            }
            catch (const tenon::base::JsonException& exc)
            {
                CPPUNIT_ASSERT_MESSAGE(exc.message(), exc.message().ends_with(faultOf(text)));
            }
    }

    /// What is cut off is seen: every text is read to its end, under AddressSanitizer too.
    void whatStaysTakesWhatItHolds()
    {
        std::string text = "[";
        for (int i = 0; i < 100; ++i)
            text += (i == 0 ? "" : ",") + std::string(R"({"type":"string","description":"words, and more words"})");
        text += ']';
        simdjson::dom::parser parser;
        simdjson::dom::document document;
        simdjson::dom::element root;
        CPPUNIT_ASSERT(!parser.parse_into_document(document, text).get(root));
        const std::string before = toJson(root);
        const auto* const roomy = document.tape.get();
        tenon::base::fitToContent(document);
        CPPUNIT_ASSERT(document.tape.get() != roomy);
        CPPUNIT_ASSERT_EQUAL(before, toJson(document.root()));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("elements taken before stay good", before, toJson(root));
#ifdef __GLIBC__
        CPPUNIT_ASSERT(malloc_usable_size(document.tape.get()) + malloc_usable_size(document.string_buf.get()) <
                       2 * text.size());
#endif
    }

    void depthIsLimited()
    {
        CPPUNIT_ASSERT(faultOf(nested(1000)).empty());
        CPPUNIT_ASSERT(faultOf(nested(1100)).find("deeper than 1024") != std::string::npos);
        CPPUNIT_ASSERT(!faultOf(std::string(100'000, '[')).empty());
        try
        {
            (void)JsonDocument::parse(nested(1100));
            CPPUNIT_FAIL("1,100 levels were read");
        }
        catch (const tenon::base::JsonException& exc)
        {
            CPPUNIT_ASSERT(exc.kind() == tenon::base::JsonException::Kind::TOO_DEEP);
        }
    }

    void whatIsJsonButNotSimdjsonsIsCarried()
    {
        for (const std::string text :
             {"100000000000000000000", "-123456789012345678901234567890", "1e400", "[-1.5E+999,1]",
              R"({"a":18446744073709551616,"b":"100000000000000000000"})", "18446744073709551615"})
        {
            const auto document = JsonDocument::parse(text);
            CPPUNIT_ASSERT_EQUAL(text, toJson(document->root()));
            std::string written;
            tenon::base::JsonWriter(written).value(document->root());
            CPPUNIT_ASSERT_EQUAL(toJson(document->root()), written);
        }
        // What stands between two numbers is not lost on the way.
        for (const char* text : {"1 2", "[1 2]", "[1e400 2]", "[100000000000000000000\n3]"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, (void)JsonDocument::parse(text), tenon::base::JsonException);
        const auto big = JsonDocument::parse("[1e400,\"x\",7,12345678901234567890123]")->root();
        CPPUNIT_ASSERT_EQUAL(std::string("1e400"), std::string(tenon::base::bigNumber(big.at(0))));
        CPPUNIT_ASSERT(tenon::base::isNumber(big.at(3)) && tenon::base::isNumber(big.at(2)));
        CPPUNIT_ASSERT(!tenon::base::isNumber(big.at(1)));
    }

    void numbersTooNearToZeroAreCarried()
    {
        const std::string zeros(400, '0');
        for (const std::string& text :
             {std::string("1e-400"), std::string("-2.5E-324000"), std::string("[0,1e-0400]"), "0." + zeros + "1",
              "[-0." + zeros + "7e3]", std::string(R"({"e-100":1e-400,"b":"1e-400"})"), std::string("2e-324")})
            CPPUNIT_ASSERT_EQUAL(text, toJson(JsonDocument::parse(text)->root()));
        // What a double holds, and what is 0, is as ever.
        for (const char* text : {"5e-324", "1e-300", "0e-400", "0.0e-999", "0e400"})
        {
            const auto element = JsonDocument::parse(text)->root();
            CPPUNIT_ASSERT_MESSAGE(text, element.is_number() && tenon::base::bigNumber(element).empty());
        }
    }

    void aLoneSurrogateIsReplaced()
    {
        const auto textOf = [](std::string_view json)
        { return std::string(JsonDocument::parse(json)->root().get_string().value()); };
        CPPUNIT_ASSERT_EQUAL(std::string("\xef\xbf\xbd"), textOf(R"("\ud83d")"));
        CPPUNIT_ASSERT_EQUAL(std::string("a\xef\xbf\xbd\xef\xbf\xbd.z"), textOf(R"("a\udc00\uD83D.z")"));
        CPPUNIT_ASSERT_EQUAL(std::string("\xef\xbf\xbd\xf0\x9f\x98\x80"), textOf(R"("\ud83d\ud83d\ude00")"));
        CPPUNIT_ASSERT_EQUAL(std::string("\\ud83d"), textOf(R"("\\ud83d")"));
    }

    void aByteOrderMarkIsSkipped()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"), toJson(JsonDocument::parse("\xef\xbb\xbf[1]")->root()));
        CPPUNIT_ASSERT(!faultOf("\xef\xbb").empty());
    }

    void documentsStandOnTheirOwn()
    {
        std::string text = R"({"a":"one"})";
        const auto document = JsonDocument::parse(text);
        text.assign(text.size(), 'x');
        CPPUNIT_ASSERT_EQUAL(std::string("one"), std::string(textMember(document->root(), "a")));
    }

    void recycledDocumentsDoNotMix()
    {
        std::vector<JsonDocumentPtr> held;
        for (int round = 0; round < 5; ++round)
        {
            for (int at = 0; at < 40; ++at)
                held.push_back(JsonDocument::parse("[" + std::to_string(at) + "]"));
            for (int at = 0; at < 40; ++at)
                CPPUNIT_ASSERT_EQUAL("[" + std::to_string(at) + "]", toJson(held[std::size_t(at)]->root()));
            held.clear();
            CPPUNIT_ASSERT(!faultOf("[1,").empty()); // a failed one goes back too
        }
    }

    void largeTextsAreRead()
    {
        const std::string text = "[\"" + std::string(3 * 1024 * 1024, 'x') + "\"]";
        CPPUNIT_ASSERT_EQUAL(text.size(), toJson(JsonDocument::parse(text)->root()).size());
    }

    void paddedTextsAreReadInPlace()
    {
        std::string text = R"({"a":[1,2]})";
        const std::size_t size = text.size();
        text.append(JsonDocument::PADDING, '"');
        const auto document =
            JsonDocument::parse(std::string_view(text).substr(0, size), JsonDocument::Padding::PRESENT);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":[1,2]})"), toJson(document->root()));
    }

    void documentsTravelBetweenThreads()
    {
        JsonDocumentPtr outlives;
        std::thread([&] { outlives = JsonDocument::parse("[7]"); }).join();
        CPPUNIT_ASSERT_EQUAL(std::string("[7]"), toJson(outlives->root()));
        std::thread([moved = std::move(outlives)]() mutable { moved.reset(); }).join();
        CPPUNIT_ASSERT_EQUAL(std::string("[8]"), toJson(JsonDocument::parse("[8]")->root()));
    }

    void membersAreFound()
    {
        const auto document = JsonDocument::parse(R"({"a":"x","b":1})");
        JsonDocument::Element member;
        CPPUNIT_ASSERT(findMember(document->root(), "b", member));
        CPPUNIT_ASSERT(!findMember(document->root(), "c", member));
        CPPUNIT_ASSERT(!findMember(member, "b", member)); // a number has none
        CPPUNIT_ASSERT_EQUAL(std::string("x"), std::string(textMember(document->root(), "a")));
        CPPUNIT_ASSERT(textMember(document->root(), "b").empty());
    }

private:
    static std::string nested(std::size_t levels)
    {
        return std::string(levels, '[') + std::string(levels, ']');
    }

    static std::string faultOf(const std::string& text)
    {
        try
        {
            (void)JsonDocument::parse(text);
            return {};
        }
        catch (const Poco::DataFormatException& exc)
        {
            const auto& message = exc.message();
            return message.substr(message.find(": ") + 2);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonDocumentTest);
