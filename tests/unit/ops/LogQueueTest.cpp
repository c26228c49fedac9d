#include "ops/log/LogQueue.h"
#include "ops/log/StderrChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Message.h>
#include <Poco/Pipe.h>

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace tenon;
using namespace std::chrono_literals;

namespace
{

/// A log that fails or waits as the test wants.
class Target : public Poco::Channel
{
public:
    void log(const Poco::Message& message) override
    {
        std::unique_lock lock(_mutex);
        ++_attempts;
        _changed.notify_all();
        _changed.wait(lock, [&] { return !_held; });
        if (_full)
            throw Poco::WriteFileException("no space left");
        _lines.push_back(message.getText());
    }

    void close() override { ++closed; }

    void hold(bool held)
    {
        std::lock_guard lock(_mutex);
        _held = held;
        _changed.notify_all();
    }

    void fill(bool full)
    {
        std::lock_guard lock(_mutex);
        _full = full;
    }

    void waitForAttempt()
    {
        std::unique_lock lock(_mutex);
        CPPUNIT_ASSERT(_changed.wait_for(lock, 10s, [&] { return _attempts > 0; }));
    }

    std::vector<std::string> lines()
    {
        std::lock_guard lock(_mutex);
        return _lines;
    }

    std::atomic<int> closed{0};

private:
    std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    std::vector<std::string> _lines;
    int _attempts = 0;
    bool _held = false, _full = false;
};

Poco::Message line(const std::string& text)
{
    return {"tenon.test", text, Poco::Message::PRIO_INFORMATION};
}

bool eventually(const std::function<bool()>& condition)
{
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > until)
            return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

} // namespace

class LogQueueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LogQueueTest);
    CPPUNIT_TEST(linesComeInOrder);
    CPPUNIT_TEST(aSlowTargetHoldsNobody);
    CPPUNIT_TEST(aFullDiskIsSaidOnceThereIsRoom);
    CPPUNIT_TEST(reopensBetweenLines);
    CPPUNIT_TEST(aTargetThatHangsDoesNotHoldTheEnd);
    CPPUNIT_TEST(aPipeThatNobodyReadsIsGivenUp);
    CPPUNIT_TEST_SUITE_END();

    Poco::AutoPtr<Target> _target;

public:
    void setUp() override { _target = new Target; }

    void linesComeInOrder()
    {
        ops::LogQueue queue;
        auto channel = queue.channelTo(_target);
        for (int at = 0; at < 100; ++at)
            channel->log(line(std::to_string(at)));
        CPPUNIT_ASSERT(queue.flush(10s));
        const auto lines = _target->lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("99"), lines.back());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), queue.dropped());
    }

    void aSlowTargetHoldsNobody()
    {
        ops::LogQueue queue({10, 1024 * 1024});
        auto channel = queue.channelTo(_target);
        _target->hold(true);
        channel->log(line("first"));
        _target->waitForAttempt(); // the thread is in it
        for (int at = 0; at < 50; ++at)
            channel->log(line("more"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(40), queue.dropped());
        _target->hold(false);
        CPPUNIT_ASSERT(eventually([&] { return _target->lines().size() == 12; }));
        const std::string said = _target->lines().back();
        CPPUNIT_ASSERT_MESSAGE(said, said.starts_with("40 lines of the log are missing here"));
    }

    void aFullDiskIsSaidOnceThereIsRoom()
    {
        ops::LogQueue queue;
        auto channel = queue.channelTo(_target);
        _target->fill(true);
        for (int at = 0; at < 3; ++at)
            channel->log(line("lost"));
        CPPUNIT_ASSERT(queue.flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(3), queue.dropped());
        CPPUNIT_ASSERT(_target->closed > 0); // a file that failed has to be opened again
        _target->fill(false);
        // Nothing more has to be logged for it.
        CPPUNIT_ASSERT(eventually([&] { return !_target->lines().empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("3 lines of the log are missing here: Cannot write file: no space left"),
                             _target->lines().front());
        channel->log(line("next"));
        CPPUNIT_ASSERT(queue.flush(10s));
        CPPUNIT_ASSERT_EQUAL(std::string("next"), _target->lines().back());
    }

    void reopensBetweenLines()
    {
        ops::LogQueue queue;
        auto channel = queue.channelTo(_target);
        channel->log(line("before"));
        CPPUNIT_ASSERT(eventually([&] { return _target->lines().size() == 1; }));
        queue.reopen();
        CPPUNIT_ASSERT(eventually([&] { return _target->closed == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), _target->lines().size());
    }

    void aTargetThatHangsDoesNotHoldTheEnd()
    {
        Poco::AutoPtr<Poco::Channel> channel;
        {
            ops::LogQueue queue;
            channel = queue.channelTo(_target);
            _target->hold(true);
            channel->log(line("first"));
            _target->waitForAttempt();
            queue.finish(50ms);
        }
        channel->log(line("late")); // dropped, and no fault
        _target->hold(false);
        CPPUNIT_ASSERT(eventually([&] { return _target->lines().size() == 1; }));
    }

    void aPipeThatNobodyReadsIsGivenUp()
    {
        Poco::Pipe pipe;
        Poco::AutoPtr<Poco::Channel> channel(new ops::StderrChannel(pipe.writeHandle()));
        const std::string text(1000, 'x');
        CPPUNIT_ASSERT_THROW(for (int at = 0; at < 1000; ++at) channel->log(line(text)), Poco::WriteFileException);
        std::string read(1'000'000, ' ');
        int size = pipe.readBytes(read.data(), static_cast<int>(read.size()));
        CPPUNIT_ASSERT(size > 0);
        channel->log(line("next"));
        size = pipe.readBytes(read.data(), static_cast<int>(read.size()));
        const std::string_view got(read.data(), static_cast<std::size_t>(size));
        // The line that was cut off does not run into the next one.
        CPPUNIT_ASSERT(got.ends_with("\nnext\n"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogQueueTest);
