#include "net/http/Gzip.h"
#include "net/http/GzipStream.h"

#include <cppunit/extensions/HelperMacros.h>

#include <zlib.h>

#include <random>
#include <string>

class GzipTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GzipTest);
    CPPUNIT_TEST(packsParts);
    CPPUNIT_TEST(givesUpWhereNothingIsGained);
    CPPUNIT_TEST(aStreamDeliversEachTextAtOnce);
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

    void aStreamDeliversEachTextAtOnce()
    {
        tenon::net::GzipStream packer(1000);
        std::string packed, unpacked;
        tenon::net::GzipStream::begin(packed);
        z_stream stream{};
        CPPUNIT_ASSERT_EQUAL(Z_OK, inflateInit2(&stream, 31));
        const auto inflated = [&](int expected)
        {
            std::string out(300000, '\0');
            stream.next_in = reinterpret_cast<Bytef*>(packed.data());
            stream.avail_in = static_cast<uInt>(packed.size());
            stream.next_out = reinterpret_cast<Bytef*>(out.data());
            stream.avail_out = static_cast<uInt>(out.size());
            CPPUNIT_ASSERT_EQUAL(expected, inflate(&stream, Z_SYNC_FLUSH));
            out.resize(out.size() - stream.avail_out);
            packed.clear();
            return out;
        };
        std::mt19937 random(1); // NOLINT: the same bytes each time
        std::string noise(150000, '\0');
        for (char& c : noise)
            c = static_cast<char>(random());
        const std::string small = "data: small\n\n", large(100000, 'a');
        for (const std::string& text : {small, large, small, noise, std::string()})
        {
            const std::string_view parts[] = {std::string_view(text).substr(0, text.size() / 2),
                                              std::string_view(text).substr(text.size() / 2)};
            packer.append(packed, parts);
            if (text == large)
                CPPUNIT_ASSERT(packed.size() < 2000);
            CPPUNIT_ASSERT(inflated(Z_OK) == text);
        }
        packer.end(packed);
        CPPUNIT_ASSERT(inflated(Z_STREAM_END).empty()); // checksum and size are right
        inflateEnd(&stream);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GzipTest);
