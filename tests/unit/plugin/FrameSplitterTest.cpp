#include "plugin/worker/channel/FrameSplitter.h"
#include "plugin/worker/channel/FrameChannel.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tenon::plugin
{

class FrameSplitterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FrameSplitterTest);
    CPPUNIT_TEST(framesArriveWholeHoweverTheyAreCut);
    CPPUNIT_TEST(largeBodiesArePutTogetherAmongSmallOnes);
    CPPUNIT_TEST(largestOfThoseThatAreNotWholeCanBeDropped);
    CPPUNIT_TEST(whatIsLargerThanAllowedIsNotPutTogether);
    CPPUNIT_TEST(malformedHeaderIsRefused);
    CPPUNIT_TEST(fieldsComeBack);
    CPPUNIT_TEST(sendersShareAChannelThatIsFull);
    CPPUNIT_TEST_SUITE_END();

    static std::string frame(std::uint64_t id, const std::string& body, bool more = false)
    {
        const auto header =
            FrameHeader{static_cast<std::uint32_t>(body.size()), FrameType::LOG, std::uint8_t(more ? 1 : 0), id}
                .bytes();
        return std::string(header.data(), header.size()) + body;
    }

    static void feed(FrameSplitter& splitter, std::string_view bytes)
    {
        const auto [data, size] = splitter.space();
        CPPUNIT_ASSERT(size >= bytes.size());
        std::memcpy(data, bytes.data(), bytes.size());
        splitter.received(bytes.size());
    }

    void framesArriveWholeHoweverTheyAreCut()
    {
        const std::string bytes = frame(1, "one") + frame(2, "") + frame(3, std::string(1000, 'x'));
        for (const std::size_t step : {std::size_t(1), std::size_t(7), std::size_t(16), bytes.size()})
        {
            FrameSplitter splitter;
            std::vector<std::pair<std::uint64_t, std::size_t>> seen;
            for (std::size_t at = 0; at < bytes.size(); at += step)
            {
                feed(splitter, std::string_view(bytes).substr(at, step));
                for (Frame found; splitter.next(found);)
                    seen.emplace_back(found.id, found.body.size());
            }
            const std::vector<std::pair<std::uint64_t, std::size_t>> expected = {{1, 3}, {2, 0}, {3, 1000}};
            CPPUNIT_ASSERT(seen == expected);
        }
    }

    void largeBodiesArePutTogetherAmongSmallOnes()
    {
        FrameSplitter splitter;
        feed(splitter, frame(1, "ab", true) + frame(2, "small") + frame(1, "cd", true) + frame(1, "ef"));
        Frame found;
        CPPUNIT_ASSERT(splitter.next(found));
        CPPUNIT_ASSERT_EQUAL(std::string_view("small"), found.body);
        CPPUNIT_ASSERT(splitter.next(found));
        CPPUNIT_ASSERT_EQUAL(std::string_view("abcdef"), found.body);
        CPPUNIT_ASSERT(!splitter.next(found));
    }

    void largestOfThoseThatAreNotWholeCanBeDropped()
    {
        FrameSplitter splitter;
        feed(splitter, frame(1, "ab", true) + frame(2, "abcd", true));
        Frame found;
        CPPUNIT_ASSERT(!splitter.next(found));
        CPPUNIT_ASSERT(splitter.dropLargest());
        feed(splitter, frame(1, "cd") + frame(2, "ef"));
        CPPUNIT_ASSERT(splitter.next(found));
        CPPUNIT_ASSERT_EQUAL(std::string_view("abcd"), found.body);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), found.droppedBytes);
        CPPUNIT_ASSERT(splitter.next(found));
        CPPUNIT_ASSERT_EQUAL(std::string_view(), found.body);
        CPPUNIT_ASSERT_EQUAL(std::size_t(6), found.droppedBytes);
        CPPUNIT_ASSERT(!splitter.dropLargest());
    }

    void whatIsLargerThanAllowedIsNotPutTogether()
    {
        constexpr std::size_t MOST = 1000, SPACE = 256, PIECES = 500;
        FrameSplitter splitter(MOST, SPACE);
        const std::string piece(100, 'x');
        Frame found;
        for (std::size_t count = 0; count < PIECES; ++count)
        {
            feed(splitter, frame(1, piece, true));
            CPPUNIT_ASSERT(!splitter.next(found));
            CPPUNIT_ASSERT_MESSAGE("it is kept", splitter.heldBytes() < 16 * MOST);
        }
        feed(splitter, frame(1, piece));
        CPPUNIT_ASSERT(splitter.next(found));
        CPPUNIT_ASSERT_EQUAL(std::string_view(), found.body);
        CPPUNIT_ASSERT_EQUAL((PIECES + 1) * piece.size(), found.droppedBytes);
    }

    void malformedHeaderIsRefused()
    {
        FrameSplitter splitter;
        feed(splitter, std::string(64, '\xff'));
        Frame found;
        CPPUNIT_ASSERT_THROW(splitter.next(found), std::runtime_error);
    }

    void fieldsComeBack()
    {
        std::string body;
        FieldWriter(body).number(7).signedNumber(-8).real(0.5).text("text").text("");
        FieldReader in(body);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(7), in.number());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(-8), in.signedNumber());
        CPPUNIT_ASSERT_EQUAL(0.5, in.real());
        CPPUNIT_ASSERT_EQUAL(std::string_view("text"), in.text());
        CPPUNIT_ASSERT_EQUAL(std::string_view(""), in.text());
        CPPUNIT_ASSERT(in.good());
        CPPUNIT_ASSERT_EQUAL(std::string_view(""), in.text());
        CPPUNIT_ASSERT(!in.good());
    }

    /// Nothing is read until all has been sent: what the system does not take is kept, in order.
    void sendersShareAChannelThatIsFull()
    {
        const auto ends = FrameChannel::makePair();
        FrameChannel sender(ends.first, FrameChannel::WhenFull::KEEP),
            receiver(ends.second, FrameChannel::WhenFull::KEEP);
        constexpr int EACH = 200;
        std::vector<std::thread> threads;
        for (std::uint64_t id = 1; id <= 3; ++id)
            threads.emplace_back(
                [&sender, id]
                {
                    for (int count = 0; count < EACH; ++count)
                        sender.send(FrameType::LOG, id, std::to_string(count) + std::string(10000, 'x'));
                });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT(sender.keepsSomething());

        FrameSplitter splitter;
        std::vector<int> next(4, 0);
        int total = 0;
        while (total < 3 * EACH)
        {
            sender.flush();
            receiver.wait(1000);
            const auto [data, size] = splitter.space();
            std::size_t got = 0;
            CPPUNIT_ASSERT(receiver.receive(data, size, got) == FrameChannel::Received::SOME);
            splitter.received(got);
            for (Frame found; splitter.next(found); ++total)
                CPPUNIT_ASSERT_EQUAL(next[found.id]++, std::atoi(std::string(found.body.substr(0, 4)).c_str()));
        }
        CPPUNIT_ASSERT(!sender.keepsSomething());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FrameSplitterTest);

} // namespace tenon::plugin
