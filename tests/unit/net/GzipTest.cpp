#include "net/http/Gzip.h"

#include <cppunit/extensions/HelperMacros.h>

#include <zlib.h>

#include <random>
#include <string>

class GzipTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GzipTest);
    CPPUNIT_TEST(packsParts);
    CPPUNIT_TEST(givesUpWhereNothingIsGained);
    CPPUNIT_TEST_SUITE_END();

public:
    void packsParts()
    {
        const std::string first(50000, 'a'), second = "{\"b\":1}", third(50000, 'c');
        const std::string_view parts[] = {first, second, third};
        const std::string packed = tenon::net::gzip(parts);
        CPPUNIT_ASSERT(!packed.empty() && packed.size() < 2000);

        std::string unpacked(200000, '\0');
        z_stream stream{};
        CPPUNIT_ASSERT_EQUAL(Z_OK, inflateInit2(&stream, 31));
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
        stream.avail_out = static_cast<uInt>(unpacked.size());
        CPPUNIT_ASSERT_EQUAL(Z_STREAM_END, inflate(&stream, Z_FINISH));
        unpacked.resize(stream.total_out);
        inflateEnd(&stream);
        CPPUNIT_ASSERT(unpacked == first + second + third);
    }

    void givesUpWhereNothingIsGained()
    {
        std::mt19937 random(1); // NOLINT: the same bytes each time
        std::string noise(10000, '\0');
        for (char& c : noise)
            c = static_cast<char>(random());
        const std::string_view part = noise;
        CPPUNIT_ASSERT(tenon::net::gzip(std::span(&part, 1)).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GzipTest);
