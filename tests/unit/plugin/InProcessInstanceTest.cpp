#include "unit/plugin/PluginFolder.h"

#include "plugin/abi/HostCall.h"

namespace tenon::plugin
{

/// What calls of plugins in the server's process end with: the good plugin's, and those of plugins with a defect that
/// such a plugin may have there.
class InProcessInstanceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InProcessInstanceTest);
    CPPUNIT_TEST(toolAnswers);
    CPPUNIT_TEST(asynchronousToolEndsLater);
    CPPUNIT_TEST(cancelledAsynchronousToolKeepsItsCall);
    CPPUNIT_TEST(inputIsAskedForAndEntryRepeats);
    CPPUNIT_TEST(progressAndLogReachTheClient);
    CPPUNIT_TEST(pluginReadsItsSettings);
    CPPUNIT_TEST(failureHasItsMessage);
    CPPUNIT_TEST(cancellationIsSeen);
    CPPUNIT_TEST(resourcesPromptsAndCompletionAnswer);
    CPPUNIT_TEST(resultOfAMegabyteArrives);
    CPPUNIT_TEST(exceptionsEndAsFailures);
    CPPUNIT_TEST(callWithoutEndFails);
    CPPUNIT_TEST(secondEndIsRefused);
    CPPUNIT_TEST(lateEndIsRefusedAndHitsNobody);
    CPPUNIT_TEST_SUITE_END();

    PluginFolder _folder{{"echo", "throws", "never_finishes", "finishes_twice", "finishes_late"}};

    void toolAnswers()
    {
        auto& manager = _folder.start();
        const auto call = PluginFolder::call(manager, "echo", R"({"text":"a\"b\u00e9"})");
        CPPUNIT_ASSERT_EQUAL(std::string("a\"b\xC3\xA9"), call->text());
        CPPUNIT_ASSERT_EQUAL(1, call->ends.load());
    }

    void asynchronousToolEndsLater()
    {
        auto& manager = _folder.start();
        const auto call = std::make_shared<FakeCall>(R"({"ms":20})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ASYNC), PluginFolder::enter(manager, "sleep_async", call));
        CPPUNIT_ASSERT(call->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), call->text());
    }

    /// The caller has gone and the server stops: the plugin is not ended under its own call.
    void cancelledAsynchronousToolKeepsItsCall()
    {
        auto& manager = _folder.start();
        auto call = std::make_shared<FakeCall>(R"({"ms":100})");
        const std::weak_ptr<FakeCall> watched = call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ASYNC), PluginFolder::enter(manager, "sleep_async", call));
        call.reset();
        CPPUNIT_ASSERT(!watched.expired());
        manager.stop();
        CPPUNIT_ASSERT(watched.expired());
    }

    void inputIsAskedForAndEntryRepeats()
    {
        auto& manager = _folder.start();
        const auto call = std::make_shared<FakeCall>();
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_INPUT_PENDING), PluginFolder::enter(manager, "ask", call));
        CPPUNIT_ASSERT_EQUAL(0, call->ends.load());
        CPPUNIT_ASSERT_EQUAL(std::string("happened once"), call->remembered["effect"]);
        call->remembered["effect"] = "kept";
        call->answers["name"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), PluginFolder::enter(manager, "ask", call));
        CPPUNIT_ASSERT_EQUAL(std::string("Ada"), call->text());
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), call->remembered["effect"]);
    }

    void progressAndLogReachTheClient()
    {
        auto& manager = _folder.start();
        const auto call = std::make_shared<FakeCall>();
        call->wantsProgress = true;
        PluginFolder::enter(manager, "report", call);
        CPPUNIT_ASSERT_EQUAL(std::string("progress wanted"), call->text());
        CPPUNIT_ASSERT(call->progressed == std::vector<std::string>{"1/2 half"});
        CPPUNIT_ASSERT(call->loggedLines == std::vector<std::string>{"3 echo {\"half\":true}"});
    }

    void pluginReadsItsSettings()
    {
        auto& manager = _folder.start({{"plugin.echo.greeting", "hello"}});
        CPPUNIT_ASSERT_EQUAL(std::string("hello"),
                             PluginFolder::call(manager, "setting", R"({"text":"greeting"})")->text());
        CPPUNIT_ASSERT_EQUAL(std::string(""), PluginFolder::call(manager, "setting", R"({"text":"other"})")->text());
    }

    void failureHasItsMessage()
    {
        const auto call = PluginFolder::call(_folder.start(), "fail");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_FAILED), call->failure);
        CPPUNIT_ASSERT_EQUAL(std::string("failed as asked"), call->failureMessage);
    }

    void cancellationIsSeen()
    {
        auto& manager = _folder.start();
        const auto call = std::make_shared<FakeCall>();
        call->cancel();
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), PluginFolder::enter(manager, "wait_cancelled", call));
    }

    void resourcesPromptsAndCompletionAnswer()
    {
        auto& manager = _folder.start();
        const auto catalogue = manager.current();
        CPPUNIT_ASSERT(catalogue->resource("echo://fixed"));
        const auto instance = catalogue->resource("echo://fixed")->instance;
        const auto read = std::make_shared<FakeCall>(
            R"({"uri":"echo://said/hi","template":"echo://said/{word}","variables":{"word":"hi"}})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), instance->enter(Target::RESOURCE, 0, read));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"contents":[{"uri":"echo://said/hi","text":"hi"}]})"), read->result);

        const auto missing = std::make_shared<FakeCall>(R"({"uri":"echo://said/","variables":{"word":""}})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), instance->enter(Target::RESOURCE, 0, missing));

        std::vector<std::pair<std::string, std::string>> variables;
        CPPUNIT_ASSERT(catalogue->templates.at(0).matches("echo://said/hi", variables));

        const auto* prompt = catalogue->prompt("greet");
        CPPUNIT_ASSERT(prompt && prompt->requiredArguments == std::vector<std::string>{"who"});
        const auto got = std::make_shared<FakeCall>(R"({"who":"you"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), instance->enter(Target::PROMPT, prompt->index, got));
        ASSERT_CONTAINS("Hello", got->result);

        CPPUNIT_ASSERT_EQUAL(std::size_t(1), catalogue->completers.size());
        const auto completed = std::make_shared<FakeCall>("{}");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), instance->enter(Target::COMPLETION, 0, completed));
        ASSERT_CONTAINS("world", completed->result);

        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), PluginFolder::subscribe(*instance, "echo://fixed"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), PluginFolder::subscribe(*instance, "echo://no!"));
        instance->unsubscribe("echo://fixed");
    }

    void resultOfAMegabyteArrives()
    {
        const auto call = PluginFolder::call(_folder.start(), "large", R"({"ms":1000000})");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1000000), call->text().size());
    }

    void exceptionsEndAsFailures()
    {
        auto& manager = _folder.start();
        for (const char* tool : {"throw", "throw_number"})
        {
            const auto call = PluginFolder::call(manager, tool);
            CPPUNIT_ASSERT_EQUAL(1, call->ends.load());
            CPPUNIT_ASSERT_EQUAL(FAILED_BY_HOST, call->failure);
            ASSERT_CONTAINS("the plugin 'throws'", call->failureMessage);
            ASSERT_CONTAINS("error id", call->failureMessage);
            CPPUNIT_ASSERT(call->failureMessage.find("secret") == std::string::npos);
        }
        const auto late = PluginFolder::call(manager, "throw_late");
        CPPUNIT_ASSERT_EQUAL(1, late->ends.load());
        CPPUNIT_ASSERT_EQUAL(std::string("finished before it threw"), late->text());
    }

    void callWithoutEndFails()
    {
        auto& manager = _folder.start();
        const auto call = PluginFolder::call(manager, "forget");
        CPPUNIT_ASSERT_EQUAL(FAILED_BY_HOST, call->failure);
        ASSERT_CONTAINS("without a result", call->failureMessage);
    }

    void secondEndIsRefused()
    {
        const auto call = PluginFolder::call(_folder.start(), "finish_twice");
        CPPUNIT_ASSERT_EQUAL(1, call->ends.load());
        CPPUNIT_ASSERT_EQUAL(std::string("first"), call->text());
    }

    void lateEndIsRefusedAndHitsNobody()
    {
        auto& manager = _folder.start();
        const auto call = PluginFolder::call(manager, "finish_late");
        CPPUNIT_ASSERT_EQUAL(FAILED_BY_HOST, call->failure);
        // Runs while the late end comes; `late_status` waits for it.
        const auto other = std::make_shared<FakeCall>(R"({"ms":50})");
        PluginFolder::enter(manager, "sleep_async", other);
        CPPUNIT_ASSERT_EQUAL(std::to_string(TENON_ERROR_STATE), PluginFolder::call(manager, "late_status")->text());
        CPPUNIT_ASSERT(other->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), other->text());
        CPPUNIT_ASSERT_EQUAL(1, other->ends.load());
        CPPUNIT_ASSERT_EQUAL(1, call->ends.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InProcessInstanceTest);

} // namespace tenon::plugin
