#include "store/InstanceId.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::store::InstanceId;
using tenon::store::tagOf;

class InstanceIdTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InstanceIdTest);
    CPPUNIT_TEST(idsNameWhoMadeThem);
    CPPUNIT_TEST(aStartIsToldFromTheNext);
    CPPUNIT_TEST(withoutANameIdsNameNobody);
    CPPUNIT_TEST(idsOfOthersNameNobody);
    CPPUNIT_TEST(namesOfOtherCharactersAreRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void idsNameWhoMadeThem()
    {
        const auto one = InstanceId::make("one");
        const auto id = one.newId();
        CPPUNIT_ASSERT_EQUAL(std::string("one."), id.substr(0, 4));
        CPPUNIT_ASSERT_EQUAL(one.tag(), std::string(tagOf(id)));
        CPPUNIT_ASSERT_EQUAL(std::string("one"), std::string(one.name()));
        CPPUNIT_ASSERT_EQUAL(one.tag().size() + 33, id.size());
        CPPUNIT_ASSERT(one.made(id));
        CPPUNIT_ASSERT(!InstanceId::make("two").made(id));
        CPPUNIT_ASSERT(id != one.newId());
    }

    void aStartIsToldFromTheNext()
    {
        const auto before = InstanceId::make("one");
        const auto now = InstanceId::make("one");
        CPPUNIT_ASSERT(!now.made(before.newId()));
        CPPUNIT_ASSERT(InstanceId::make("").tag() != InstanceId::make("").tag());
    }

    void withoutANameIdsNameNobody()
    {
        const InstanceId nobody;
        CPPUNIT_ASSERT(!nobody.named());
        CPPUNIT_ASSERT_EQUAL(std::size_t(32), nobody.newId().size());
        CPPUNIT_ASSERT_EQUAL(std::string("7"), nobody.idOf("7"));
        CPPUNIT_ASSERT(nobody.made(nobody.newId()));
    }

    void idsOfOthersNameNobody()
    {
        for (const char* id : {"", ".", "a", "a.b", "a.12345678", "a.1234567.x", "a b.12345678.x", "..12345678.x",
                               "0123456789012345678901234567890123456789.12345678.x"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(id, std::string(), std::string(tagOf(id)));
        CPPUNIT_ASSERT_EQUAL(std::string("a.12345678"), std::string(tagOf("a.12345678.")));
    }

    void namesOfOtherCharactersAreRefused()
    {
        for (const char* name : {"a.b", "a_b", "a b", "\xC3\xA4", "012345678901234567890123456789012"})
            CPPUNIT_ASSERT_THROW((void)InstanceId::make(name), Poco::InvalidArgumentException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstanceIdTest);
