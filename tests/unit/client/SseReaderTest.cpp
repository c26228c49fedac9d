#include "client/http/SseReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

using namespace tenon::client;

class SseReaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SseReaderTest);
    CPPUNIT_TEST(readsEventsHoweverTheyAreCut);
    CPPUNIT_TEST(keepsIdAndPauseOfEventsWithoutData);
    CPPUNIT_TEST(skipsWhatIsNoField);
    CPPUNIT_TEST(forgetsAHalfEvent);
    CPPUNIT_TEST_SUITE_END();

    static std::string all(SseReader& reader, const std::string& text, std::size_t piece)
    {
        std::string seen;
        for (std::size_t at = 0; at < text.size(); at += piece)
            reader.feed(text.substr(at, piece),
                        [&seen](const SseEvent& event) { seen += event.event + '[' + event.data + "] "; });
        return seen;
    }

public:
    void readsEventsHoweverTheyAreCut()
    {
        for (const std::string newline : {"\n", "\r\n", "\r"})
        {
            std::string text = "\xEF\xBB\xBF: hello%event: a%data: one%data:two%id: 7%%data: three%%";
            for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; at += newline.size())
                text.replace(at, 1, newline);
            for (std::size_t piece = 1; piece <= text.size(); ++piece)
            {
                SseReader reader;
                CPPUNIT_ASSERT_EQUAL(std::string("a[one\ntwo] [three] "), all(reader, text, piece));
                CPPUNIT_ASSERT_EQUAL(std::string("7"), reader.lastEventId());
            }
        }
    }

    void keepsIdAndPauseOfEventsWithoutData()
    {
        SseReader reader;
        CPPUNIT_ASSERT_EQUAL(std::string(), all(reader, "id: e1\nretry: 500\ndata: \n\n", 5));
        CPPUNIT_ASSERT_EQUAL(std::string("e1"), reader.lastEventId());
        CPPUNIT_ASSERT_EQUAL(500, reader.retryMs());
    }

    void skipsWhatIsNoField()
    {
        SseReader reader;
        CPPUNIT_ASSERT_EQUAL(std::string("[x] "),
                             all(reader, "retry: soon\nretry: 99999999\nnonsense\n:\ndata:x\n\n", 100));
        CPPUNIT_ASSERT_EQUAL(-1, reader.retryMs());
    }

    void forgetsAHalfEvent()
    {
        SseReader reader;
        CPPUNIT_ASSERT_EQUAL(std::string(), all(reader, "id: 1\ndata: half", 100));
        CPPUNIT_ASSERT(reader.pendingBytes() > 0);
        reader.restart();
        CPPUNIT_ASSERT_EQUAL(std::string("[whole] "), all(reader, "data: whole\n\n", 100));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reader.lastEventId());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SseReaderTest);
