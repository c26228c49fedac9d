#include "client/ListPages.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <string>
#include <vector>

using namespace tenon::client;
using namespace std::chrono_literals;

/// Lists in pages, as servers answer them.
class ListPagesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ListPagesTest);
    CPPUNIT_TEST(readsUntilThereIsNoCursor);
    CPPUNIT_TEST(endsWhereACursorComesAgain);
    CPPUNIT_TEST(refusesWhatIsNoList);
    CPPUNIT_TEST(refusesACursorThatIsNoText);
    CPPUNIT_TEST_SUITE_END();

    std::vector<std::string> _asked;

    /// The names of what `answers` have, one after the other.
    std::string read(const std::vector<std::string>& answers)
    {
        _asked.clear();
        const auto listing = readPages(ListKind::TOOLS, false, 10s,
                                       [&](const std::string& params, const RequestOptions&)
                                       {
                                           const std::string& text = answers.at(_asked.size());
                                           _asked.push_back(params);
                                           Reply reply;
                                           reply.document = tenon::base::JsonDocument::parse(text);
                                           reply.result = reply.document->root();
                                           return reply;
                                       });
        std::string names;
        for (const auto& item : listing->items)
            names += std::string(tenon::base::textMember(item, "name")) + ' ';
        return names;
    }

    std::string faultOf(const std::string& answer)
    {
        try
        {
            (void)read({answer});
        }
        catch (const ClientException& exc)
        {
            CPPUNIT_ASSERT(exc.fault() == Fault::PROTOCOL);
            return exc.message();
        }
        return {};
    }

public:
    void readsUntilThereIsNoCursor()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a b "), read({R"({"tools":[{"name":"a"}],"nextCursor":"two"})",
                                                        R"({"tools":[{"name":"b"}],"nextCursor":null})"}));
        CPPUNIT_ASSERT_EQUAL(std::string(), _asked[0]);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"cursor":"two"})"), _asked[1]);
        CPPUNIT_ASSERT_EQUAL(std::string(), read({"{}"}));
    }

    void endsWhereACursorComesAgain()
    {
        const std::string page = R"({"tools":[{"name":"a"}],"nextCursor":"two"})";
        CPPUNIT_ASSERT_EQUAL(std::string("a a "), read({page, page}));
    }

    void refusesWhatIsNoList()
    {
        for (const char* odd : {"{}", "\"a\"", "1", "null"})
            CPPUNIT_ASSERT_EQUAL(std::string("the server answers tools/list with something other than a list"),
                                 faultOf(std::string(R"({"tools":)") + odd + "}"));
    }

    void refusesACursorThatIsNoText()
    {
        for (const char* odd : {"2", "true", "{}", "[]"})
            CPPUNIT_ASSERT_EQUAL(std::string("the server answers tools/list with a nextCursor that is no text"),
                                 faultOf(std::string(R"({"tools":[],"nextCursor":)") + odd + "}"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ListPagesTest);
