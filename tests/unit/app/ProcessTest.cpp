#include "app/process/Memory.h"
#include "app/process/PidFile.h"
#include "support/TemporaryFolder.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Process.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <unistd.h>
#endif

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TENON_TEST_HEAP // it is the system's
#endif

using namespace tenon;
using tests::TemporaryFolder;

class ProcessTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProcessTest);
    CPPUNIT_TEST(aPidFileIsHeldByOne);
    CPPUNIT_TEST(aPidFileLeftBehindIsTaken);
    CPPUNIT_TEST(aPidFileThatCannotBeWritten);
    CPPUNIT_TEST(theLeastLimitOfAllGroupsCounts);
#if defined(TENON_TEST_HEAP)
    CPPUNIT_TEST(noThreadKeepsMuchFreeMemory);
    CPPUNIT_TEST(holesGoOnceWhatStoodBetweenThemHas);
#endif
    CPPUNIT_TEST_SUITE_END();

public:
    void aPidFileIsHeldByOne()
    {
        const TemporaryFolder folder;
        const std::string path = folder.path("t.pid");
        CPPUNIT_ASSERT(!app::PidFile::look(path));
        {
            const app::PidFile file(path);
            CPPUNIT_ASSERT_EQUAL(std::to_string(Poco::Process::id()) + "\n", folder.read("t.pid"));
            const auto holder = app::PidFile::look(path);
            CPPUNIT_ASSERT(holder && holder->lives);
            CPPUNIT_ASSERT_EQUAL(long(Poco::Process::id()), holder->pid);
            CPPUNIT_ASSERT_THROW(app::PidFile second(path), Poco::FileException);
            CPPUNIT_ASSERT_EQUAL(std::to_string(Poco::Process::id()) + "\n", folder.read("t.pid"));
        }
        CPPUNIT_ASSERT(!Poco::File(path).exists());
    }

    void aPidFileLeftBehindIsTaken()
    {
        const TemporaryFolder folder;
        const std::string path = folder.write("t.pid", "99999999999999\nmore than a number");
        const auto holder = app::PidFile::look(path);
        CPPUNIT_ASSERT(holder && !holder->lives);
        const app::PidFile file(path);
        CPPUNIT_ASSERT_EQUAL(std::to_string(Poco::Process::id()) + "\n", folder.read("t.pid"));
    }

    void aPidFileThatCannotBeWritten()
    {
        const TemporaryFolder folder;
        CPPUNIT_ASSERT_THROW(app::PidFile file(folder.path("none/t.pid")), Poco::FileException);
    }

    void theLeastLimitOfAllGroupsCounts()
    {
        const TemporaryFolder folder;
        for (const char* path : {"a/b", "memory/a/b"})
            Poco::File(folder.path(path)).createDirectories();
        const std::string root = folder.path();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), app::memoryOfGroup("0::/a/b\n", root));
        folder.write("a/memory.max", "1000000\n");
        folder.write("a/b/memory.max", "max\n");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1'000'000), app::memoryOfGroup("0::/a/b\n", root));
        folder.write("a/b/memory.max", "5000\n");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5000), app::memoryOfGroup("1:cpu:/a\n0::/a/b\n", root));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), app::memoryOfGroup("0::/\n", root));
        folder.write("memory/a/memory.limit_in_bytes", "7000\n");
        folder.write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(7000), app::memoryOfGroup("3:memory:/a/b\n", root));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), app::memoryOfGroup("nonsense\n0:\n::\n", root));
    }

#if defined(TENON_TEST_HEAP)
    static std::size_t resident()
    {
        std::size_t size = 0, pages = 0;
        std::ifstream("/proc/self/statm") >> size >> pages;
        return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    }

    void noThreadKeepsMuchFreeMemory()
    {
        constexpr std::size_t MB = 1 << 20;
        app::boundFreeMemory();
        const std::size_t before = resident();
        const auto grown = [before] { return resident() - std::min(resident(), before); };
        std::promise<void> filled, empty, emptied, end;
        std::thread thread(
            [&]
            {
                {
                    // By itself the allocator takes the size of a large block for a sign that there will be more of it.
                    const std::string large(30 * MB, 'x');
                }
                {
                    std::vector<std::string> pieces(256); // the last one ends where this thread's part of the heap does
                    for (auto& piece : pieces)
                        piece = std::string(MB / 8, 'x');
                    filled.set_value();
                    empty.get_future().wait();
                }
                emptied.set_value();
                end.get_future().wait();
            });
        filled.get_future().wait();
        const std::size_t most = grown();
        empty.set_value();
        emptied.get_future().wait();
        app::returnFreeMemory();
        const std::size_t left = grown();
        end.set_value();
        thread.join();
        CPPUNIT_ASSERT(most >= 30 * MB);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(left / MB) + " MB are left", left <= 8 * MB);
    }

    /// Blocks of a thread's part of the heap.
    static std::vector<std::unique_ptr<char[]>> blocks(std::size_t count, std::size_t bytes)
    {
        std::vector<std::unique_ptr<char[]>> all(count);
        for (auto& block : all)
        {
            block = std::make_unique<char[]>(bytes);
            std::fill_n(block.get(), bytes, 'x');
        }
        return all;
    }

    static void freeEverySecond(std::vector<std::unique_ptr<char[]>>& blocks)
    {
        for (std::size_t index = 0; index < blocks.size(); index += 2)
            blocks[index].reset();
    }

    void holesGoOnceWhatStoodBetweenThemHas()
    {
        constexpr std::size_t MB = 1 << 20;
        app::boundFreeMemory();
        std::promise<void> filled, emptied, end;
        std::promise<void> empty;
        std::thread thread(
            [&]
            {
                auto holes = blocks(12'000, 1200); // a page cannot go while one of its blocks is used
                freeEverySecond(holes);
                filled.set_value();
                empty.get_future().wait();
                holes.clear(); // goes by itself, as it is where this thread's part of the heap ends
                emptied.set_value();
                end.get_future().wait();
            });
        filled.get_future().wait();
        auto others = blocks(1'000, 20'000);
        app::returnFreeMemory(); // what is left now are holes
        const std::size_t before = resident();
        empty.set_value();
        emptied.get_future().wait();
        freeEverySecond(others); // as much as has gone elsewhere
        app::returnFreeMemory();
        const std::size_t now = resident();
        end.set_value();
        thread.join();
        CPPUNIT_ASSERT_MESSAGE(std::to_string(before / MB) + " MB before, " + std::to_string(now / MB) + " now",
                               now + 18 * MB < before); // 14 of the thread, 10 of the others
    }
#endif
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcessTest);
