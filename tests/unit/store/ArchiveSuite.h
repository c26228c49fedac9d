#pragma once

#include "store/Archive.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tenon::tests
{

/// What every archive does, in memory, in a file and in Redis. A form makes a fresh one in `open`.
class ArchiveSuite : public CppUnit::TestFixture
{
public:
    using Outcome = store::Outcome;
    using Kind = store::RecordKind;

    void recordsAreFoundUntilTheyAreRemoved()
    {
        const auto archive = open();
        CPPUNIT_ASSERT(put(*archive, Kind::SESSION, "a", 0, "{\"x\":\n1}") == Outcome::FOUND);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"x\":\n1}"), get(*archive, Kind::SESSION, "a").second.text);
        CPPUNIT_ASSERT(get(*archive, Kind::TASK, "a").first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "b").first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT(remove(*archive, Kind::SESSION, "a") == Outcome::FOUND);
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "a").first == Outcome::UNKNOWN);
    }

    void whatIsRemovedDoesNotComeBack()
    {
        const auto archive = open();
        (void)put(*archive, Kind::SESSION, "a", 0, "x");
        (void)remove(*archive, Kind::SESSION, "a");
        CPPUNIT_ASSERT(put(*archive, Kind::SESSION, "a", 0, "late") == Outcome::UNKNOWN);
        archive->touch(Kind::SESSION, "a", 60'000);
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "a").first == Outcome::UNKNOWN);
        (void)remove(*archive, Kind::TASK, "never there");
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "never there", 9, "late") == Outcome::UNKNOWN);
        CPPUNIT_ASSERT_EQUAL(std::string(), list(*archive, "", 10));
    }

    void recordsTakeThePlaceOfOlderOnesOnly()
    {
        const auto archive = open();
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", 5, "five") == Outcome::FOUND);
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", 5, "again") == Outcome::UNKNOWN);
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", 4, "four") == Outcome::UNKNOWN);
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", (1ULL << 32) + 1, "taken over") == Outcome::FOUND);
        CPPUNIT_ASSERT(put(*archive, Kind::TASK, "t", 6, "six") == Outcome::UNKNOWN);
        const auto [outcome, record] = get(*archive, Kind::TASK, "t");
        CPPUNIT_ASSERT_EQUAL(std::string("taken over"), record.text);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t((1ULL << 32) + 1), record.version);
        CPPUNIT_ASSERT_EQUAL(std::string("owner"), record.owner);
    }

    void aRecordTakesThePlaceOfTheOneItNames()
    {
        const auto archive = open();
        const auto replace = [&](std::uint64_t version, std::uint64_t replaces, const char* text)
        {
            const auto done = std::make_shared<std::promise<Outcome>>();
            store::Record record{Kind::TASK, "t", "owner", version, text, 60'000};
            record.replaces = replaces;
            archive->put(std::move(record), [done](Outcome outcome) { done->set_value(outcome); });
            return wait(done->get_future());
        };
        CPPUNIT_ASSERT(replace(9, 0, "of none") == Outcome::UNKNOWN);
        (void)put(*archive, Kind::TASK, "t", 1, "one");
        (void)put(*archive, Kind::TASK, "t", 2, "the end");
        CPPUNIT_ASSERT(replace(1ULL << 32, 1, "taken over") ==
                       Outcome::UNKNOWN); // who takes it over has read the first
        CPPUNIT_ASSERT_EQUAL(std::string("the end"), get(*archive, Kind::TASK, "t").second.text);
        CPPUNIT_ASSERT(replace(1ULL << 32, 2, "taken over") == Outcome::FOUND);
        CPPUNIT_ASSERT_EQUAL(std::string("taken over"), get(*archive, Kind::TASK, "t").second.text);
        (void)remove(*archive, Kind::TASK, "t");
        CPPUNIT_ASSERT(replace(2ULL << 32, 1ULL << 32, "too late") == Outcome::UNKNOWN);
    }

    void recordsEndWithTheirTime()
    {
        const auto archive = open();
        (void)put(*archive, Kind::SESSION, "short", 0, "x", 200);
        (void)put(*archive, Kind::SESSION, "touched", 0, "x", 200);
        archive->touch(Kind::SESSION, "touched", 60'000);
        CPPUNIT_ASSERT(eventually([&] { return get(*archive, Kind::SESSION, "short").first == Outcome::UNKNOWN; }));
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "touched").first == Outcome::FOUND);
    }

    void listsAreByOwnerInTheOrderOfMaking()
    {
        const auto archive = open();
        for (const char* id : {"c", "a", "b"})
            (void)put(*archive, Kind::TASK, id, 1, id);
        (void)put(*archive, Kind::TASK, "a", 2, "a again");
        (void)put(*archive, Kind::TASK, "other", 1, "x", 60'000, "somebody else");
        CPPUNIT_ASSERT_EQUAL(std::string("c,a again,b,"), list(*archive, "", 10));
        CPPUNIT_ASSERT_EQUAL(std::string("c,a again,"), list(*archive, "", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("a again,b,"), list(*archive, "c", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), list(*archive, "z", 2));
        (void)remove(*archive, Kind::TASK, "a");
        CPPUNIT_ASSERT_EQUAL(std::string("c,b,"), list(*archive, "", 10));
    }

    void eventsFollowTheOneThatIsNamed()
    {
        const auto archive = open();
        append(*archive, "s", 0, "", false, "\"7\"");
        append(*archive, "s", 1, "{\"one\":\"\\n\"}", false, "\"7\"");
        append(*archive, "s", 2, "two", true, "\"7\"");
        const auto [outcome, stream] = after(*archive, "s", 0);
        CPPUNIT_ASSERT(outcome == Outcome::FOUND);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), stream.events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"one\":\"\\n\"}"), stream.events[0].message);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), stream.events[0].index);
        CPPUNIT_ASSERT(stream.finished);
        CPPUNIT_ASSERT_EQUAL(std::string("\"7\""), stream.answers);
        CPPUNIT_ASSERT(after(*archive, "s", 2).first == Outcome::FOUND);
        CPPUNIT_ASSERT(after(*archive, "s", 2).second.events.empty());
        CPPUNIT_ASSERT(after(*archive, "s", 2).second.finished);
        CPPUNIT_ASSERT(after(*archive, "other", 0).first == Outcome::UNKNOWN);
        archive->drop("s");
        CPPUNIT_ASSERT(after(*archive, "s", 0).first == Outcome::UNKNOWN);
    }

    void whatIsMissingIsSaid()
    {
        const auto archive = open();
        append(*archive, "s", 0, "zero", false, "1");
        append(*archive, "s", 2, "two", false, "1"); // the one between was lost
        CPPUNIT_ASSERT(after(*archive, "s", 0).first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT_EQUAL(std::string("two"), after(*archive, "s", 0).second.events.at(0).message); // what is left
        CPPUNIT_ASSERT(after(*archive, "s", 1).first == Outcome::FOUND);
    }

    void aStreamKeepsSoManyEvents()
    {
        const auto archive = open(); // of four
        for (std::uint64_t index = 0; index < 6; ++index)
            append(*archive, "s", index, std::to_string(index), false, "1");
        CPPUNIT_ASSERT(after(*archive, "s", 0).first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), after(*archive, "s", 1).second.events.size());
        for (std::uint64_t index = 0; index < 6; ++index, (void)after(*archive, "one by one", 0))
            append(*archive, "one by one", index, std::to_string(index), index == 5, "1");
        CPPUNIT_ASSERT(after(*archive, "one by one", 0).first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), after(*archive, "one by one", 1).second.events.size());
        for (std::uint64_t index = 0; index < 6; ++index)
            append(*archive, "whole", index, std::to_string(index), index == 5, "1");
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), after(*archive, "whole", 1).second.events.size());
    }

    void aSealedStreamHasOneEnd()
    {
        const auto archive = open();
        append(*archive, "s", 0, "zero", false, "9");
        CPPUNIT_ASSERT(seal(*archive, "s", 4, "gone") == Outcome::FOUND);
        CPPUNIT_ASSERT(seal(*archive, "s", 4, "gone again") == Outcome::UNKNOWN);
        append(*archive, "s", 1, "late", true, "9"); // of who was taken for dead
        const auto [outcome, stream] = after(*archive, "s", 4);
        CPPUNIT_ASSERT(outcome == Outcome::FOUND);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), stream.events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("gone"), stream.events[0].message);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5), stream.events[0].index);
        CPPUNIT_ASSERT_EQUAL(std::string("9"), stream.answers);
    }

    void whatIsFinishedIsNotSealed()
    {
        const auto archive = open();
        append(*archive, "s", 0, "answer", true, "9");
        CPPUNIT_ASSERT(seal(*archive, "s", 0, "gone") == Outcome::UNKNOWN);
    }

    void aStreamThatGoesOnForAWhileIsWhole()
    {
        const auto archive = open();
        archive->append("s", {0, nullptr, false}, "9", 60'000);
        CPPUNIT_ASSERT(after(*archive, "s", 0).first ==
                       Outcome::FOUND); // it is kept by now, and so what follows is apart
        append(*archive, "s", 1, "1 0 3:\n", false, "9");
        CPPUNIT_ASSERT(!after(*archive, "s", 0).second.finished);
        append(*archive, "s", 2, "answer", true, "9");
        const auto [outcome, stream] = after(*archive, "s", 0);
        CPPUNIT_ASSERT(outcome == Outcome::FOUND && stream.finished);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), stream.events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("1 0 3:\n"), stream.events[0].message);
        CPPUNIT_ASSERT_EQUAL(std::string("9"), stream.answers);
        CPPUNIT_ASSERT(seal(*archive, "s", 0, "gone") == Outcome::UNKNOWN);
    }

    void whoComesTooLateChangesNothing()
    {
        const auto archive = open();
        append(*archive, "s", 0, "zero", false, "9");
        CPPUNIT_ASSERT(seal(*archive, "s", 0, "gone") == Outcome::FOUND);
        for (std::uint64_t index = 1; index < 12; ++index)
        {
            append(*archive, "s", index, "late", false, "9");
            (void)after(*archive, "s", 0);
        }
        CPPUNIT_ASSERT(seal(*archive, "t", 2, "gone") == Outcome::FOUND);
        append(*archive, "t", 0, "late", false, "9");
        append(*archive, "t", 1, "late answer", true, "9");
        CPPUNIT_ASSERT_EQUAL(std::string("gone"), after(*archive, "s", 0).second.events.back().message);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), after(*archive, "s", 0).second.events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("gone"), after(*archive, "t", 2).second.events.back().message);
        CPPUNIT_ASSERT(!archive->away());
    }

    void aStreamOfWhichNothingIsKeptIsSealed()
    {
        const auto archive = open();
        CPPUNIT_ASSERT(seal(*archive, "s", 3, "gone") == Outcome::FOUND);
        const auto [outcome, stream] = after(*archive, "s", 3);
        CPPUNIT_ASSERT(outcome == Outcome::FOUND && stream.finished);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4), stream.events.at(0).index);
        CPPUNIT_ASSERT_EQUAL(std::string("\"sealed\""), stream.answers);
    }

    static constexpr std::size_t EVENTS = 4; ///< of a stream

protected:
    /// A fresh archive, whose streams keep EVENTS.
    virtual std::shared_ptr<store::Archive> open() = 0;

    static bool eventually(const std::function<bool()>& condition)
    {
        for (int left = 1000; left > 0; --left, std::this_thread::sleep_for(std::chrono::milliseconds(10)))
            if (condition())
                return true;
        return false;
    }

    template <typename Value>
    static Value wait(std::future<Value> future)
    {
        CPPUNIT_ASSERT_MESSAGE("no answer", future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
        return future.get();
    }

    static Outcome put(store::Archive& archive, Kind kind, const std::string& id, std::uint64_t version,
                       const std::string& text, std::int64_t ttlMs = 60'000, const std::string& owner = "owner")
    {
        const auto done = std::make_shared<std::promise<Outcome>>();
        archive.put({kind, id, owner, version, text, ttlMs}, [done](Outcome outcome) { done->set_value(outcome); });
        return wait(done->get_future());
    }

    static void append(store::Archive& archive, const std::string& stream, std::uint64_t index,
                       const std::string& message, bool final, const std::string& answers, std::int64_t ttlMs = 60'000)
    {
        archive.append(stream, {index, std::make_shared<const std::string>(message), final}, answers, ttlMs);
    }

    static Outcome remove(store::Archive& archive, Kind kind, const std::string& id)
    {
        const auto done = std::make_shared<std::promise<Outcome>>();
        archive.remove(kind, id, [done](Outcome outcome) { done->set_value(outcome); });
        return wait(done->get_future());
    }

    static std::pair<Outcome, store::Record> get(store::Archive& archive, Kind kind, const std::string& id)
    {
        const auto done = std::make_shared<std::promise<std::pair<Outcome, store::Record>>>();
        archive.get(kind, id,
                    [done](Outcome outcome, const store::Record& record) {
                        done->set_value({outcome, record});
                    });
        return wait(done->get_future());
    }

    static std::string list(store::Archive& archive, const std::string& afterId, std::size_t limit)
    {
        const auto done = std::make_shared<std::promise<std::string>>();
        archive.list(Kind::TASK, "owner", afterId, limit,
                     [done](Outcome outcome, const std::vector<store::Record>& records)
                     {
                         std::string text = outcome == Outcome::FOUND ? "" : "unknown";
                         for (const auto& record : records)
                             text += record.text + ',';
                         done->set_value(text);
                     });
        return wait(done->get_future());
    }

    static std::pair<Outcome, store::ArchivedStream> after(store::Archive& archive, const std::string& stream,
                                                           std::uint64_t index)
    {
        const auto done = std::make_shared<std::promise<std::pair<Outcome, store::ArchivedStream>>>();
        archive.after(stream, index,
                      [done](Outcome outcome, const store::ArchivedStream& found) {
                          done->set_value({outcome, found});
                      });
        return wait(done->get_future());
    }

    static Outcome seal(store::Archive& archive, const std::string& stream, std::uint64_t index,
                        const std::string& message)
    {
        const auto done = std::make_shared<std::promise<Outcome>>();
        archive.seal(stream, index, "\"sealed\"", message, 60'000, {},
                     [done](Outcome outcome) { done->set_value(outcome); });
        return wait(done->get_future());
    }
};

} // namespace tenon::tests

/// The tests of the suite, for the class of one form.
#define TENON_ARCHIVE_SUITE(Form)                                                                                      \
    CPPUNIT_TEST_SUITE(Form);                                                                                          \
    CPPUNIT_TEST(recordsAreFoundUntilTheyAreRemoved);                                                                  \
    CPPUNIT_TEST(whatIsRemovedDoesNotComeBack);                                                                        \
    CPPUNIT_TEST(recordsTakeThePlaceOfOlderOnesOnly);                                                                  \
    CPPUNIT_TEST(aRecordTakesThePlaceOfTheOneItNames);                                                                 \
    CPPUNIT_TEST(recordsEndWithTheirTime);                                                                             \
    CPPUNIT_TEST(listsAreByOwnerInTheOrderOfMaking);                                                                   \
    CPPUNIT_TEST(eventsFollowTheOneThatIsNamed);                                                                       \
    CPPUNIT_TEST(whatIsMissingIsSaid);                                                                                 \
    CPPUNIT_TEST(aStreamKeepsSoManyEvents);                                                                            \
    CPPUNIT_TEST(aStreamOfWhichNothingIsKeptIsSealed);                                                                 \
    CPPUNIT_TEST(aSealedStreamHasOneEnd);                                                                              \
    CPPUNIT_TEST(aStreamThatGoesOnForAWhileIsWhole);                                                                   \
    CPPUNIT_TEST(whoComesTooLateChangesNothing);                                                                       \
    CPPUNIT_TEST(whatIsFinishedIsNotSealed)
