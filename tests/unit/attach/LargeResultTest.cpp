#include "unit/attach/AttachFixture.h"

#include "base/limits/Budget.h"

namespace tenon::tests
{

/// A result that is too large is one call's affair: its program stays, with all other calls.
class LargeResultTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(LargeResultTest);
    CPPUNIT_TEST(resultOverTheLimitCostsItsCallAlone);
    CPPUNIT_TEST(resultThatThereIsNoMemoryForCostsItsCallAlone);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t MEGABYTE = 1'000'000;

    /// Lets a call return at the latest when the test has failed.
    struct Return
    {
        explicit Return(std::atomic<bool>& may) : mayReturn(may) {}
        ~Return() { mayReturn = true; }
        std::atomic<bool>& mayReturn;
    };

    /// A program with a tool that gives so many megabytes, and one that returns when it may.
    std::unique_ptr<Attachment> program()
    {
        return attached(
            [this](Plugin& plugin)
            {
                plugin.tool("large", "Gives much")
                    .param<int>("megabytes", "How much")
                    .handle([](int megabytes)
                            { return std::string(static_cast<std::size_t>(megabytes) * MEGABYTE, 'x'); });
                plugin.tool("slow", "Takes its time",
                            [this]
                            {
                                while (!mayReturn)
                                    std::this_thread::sleep_for(1ms);
                                return "done";
                            });
            });
    }

    std::string large(int megabytes, std::size_t most)
    {
        const auto call = std::make_shared<plugin::FakeCall>(R"({"megabytes":)" + std::to_string(megabytes) + '}');
        call->most = most;
        plugin::PluginFolder::enter(*manager, "large", call);
        return result(call);
    }

    void resultOverTheLimitCostsItsCallAlone()
    {
        serve();
        const auto lent = program();
        const auto slow = enter("slow");
        const Return afterwards(mayReturn);
        const std::string told = large(20, 16 * MEGABYTE);
        ASSERT_CONTAINS("failed: the result has 20.", told);
        ASSERT_CONTAINS("ask for less", told);
        mayReturn = true;
        CPPUNIT_ASSERT_EQUAL(textResult("done"), result(slow));
    }

    void resultThatThereIsNoMemoryForCostsItsCallAlone()
    {
        base::Budget budget(16 * MEGABYTE); // of which programs have a quarter
        serve({}, &budget);
        const auto lent = program();
        const auto slow = enter("slow");
        const Return afterwards(mayReturn);
        ASSERT_CONTAINS("failed: the server had no memory left for the result", large(12, 16 * MEGABYTE));
        CPPUNIT_ASSERT_EQUAL(textResult(std::string(2 * MEGABYTE, 'x')), large(2, 16 * MEGABYTE));
        mayReturn = true;
        CPPUNIT_ASSERT_EQUAL(textResult("done"), result(slow));
        manager.reset(); // before the budget
    }

    std::atomic<bool> mayReturn{false};
};

CPPUNIT_TEST_SUITE_REGISTRATION(LargeResultTest);

} // namespace tenon::tests
