#include "base/settings/SettingsFile.h"
#include "base/settings/Settings.h"
#include "base/settings/SettingsException.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <string>
#include <system_error>

#if !defined(_WIN32)
#include <unistd.h>
#endif

using tenon::base::SettingFaults;
using tenon::base::Settings;
using tenon::base::SettingsException;
using tenon::base::SettingType;

class SettingsFileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SettingsFileTest);
    CPPUNIT_TEST(valuesKnowTheirLine);
    CPPUNIT_TEST(aKeyThatStandsTwiceIsRefused);
    CPPUNIT_TEST(aMissingFileIsRefused);
    CPPUNIT_TEST(aFolderIsNoFile);
    CPPUNIT_TEST(aContinuedLineIsNoKey);
    CPPUNIT_TEST(aBackslashInACommentHidesNoKey);
    CPPUNIT_TEST(anEscapedBackslashAtTheEndHidesNoKey);
    CPPUNIT_TEST(aBackslashThatWouldBeLostIsRefused);
    CPPUNIT_TEST(aMarkBeforeTheTextIsPassedOver);
    CPPUNIT_TEST(aPipeIsReadOnce);
    CPPUNIT_TEST(aLineWithoutAKeyIsRefused);
    CPPUNIT_TEST(aLinkThatLeadsBackIsRefused);
    CPPUNIT_TEST(includedFilesReplaceWhatWasSet);
    CPPUNIT_TEST(anIncludeThatCannotBeIsRefused);
    CPPUNIT_TEST(faultsNameFileAndLine);
    CPPUNIT_TEST_SUITE_END();

public:
    void valuesKnowTheirLine()
    {
        const auto file =
            _folder.write("a.properties", "# comment\r\n! another\n\nhttp.port = 80\nlog.file:x=y\n  spaced = a b \n");
        const auto values = valuesOf(file);
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), values.size());
        CPPUNIT_ASSERT_EQUAL(std::string("80"), values.at("http.port").text);
        CPPUNIT_ASSERT_EQUAL(file + ":4", values.at("http.port").origin);
        CPPUNIT_ASSERT_EQUAL(std::string("x=y"), values.at("log.file").text);
        CPPUNIT_ASSERT_EQUAL(std::string("a b"), values.at("spaced").text);
        CPPUNIT_ASSERT_EQUAL(file + ":6", values.at("spaced").origin);
    }

    void aKeyThatStandsTwiceIsRefused()
    {
        CPPUNIT_ASSERT_EQUAL(_folder.path("b.properties") + ":3: 'a' is set twice, first in line 1; remove one",
                             faultOf(_folder.write("b.properties", "a=1\nb=2\na=3\n")));
    }

    void aMissingFileIsRefused()
    {
        const auto fault = faultOf(_folder.path("none.properties"));
        CPPUNIT_ASSERT(fault.starts_with(_folder.path("none.properties") + ": the settings file cannot be read"));
    }

    void aFolderIsNoFile() { CPPUNIT_ASSERT(faultOf(_folder.path()).find("cannot be read") != std::string::npos); }

    void aContinuedLineIsNoKey()
    {
        const auto file = _folder.write("c.properties", "list = a,\\\n  b = 2,\\\n  c\nnext = 1\n");
        const auto values = valuesOf(file);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), values.size());
        CPPUNIT_ASSERT_EQUAL(file + ":4", values.at("next").origin);
    }

    void aBackslashInACommentHidesNoKey()
    {
        const auto file = _folder.write("d.properties", "# a folder such as C:\\\na=1\n");
        CPPUNIT_ASSERT_EQUAL(file + ":2", valuesOf(file).at("a").origin);
        CPPUNIT_ASSERT(!faultOf(_folder.write("e.properties", "# x\\\na=1\na=2\n")).empty());
    }

    void anEscapedBackslashAtTheEndHidesNoKey()
    {
        const auto file = _folder.write("f.properties", "folder = C:\\\\plugins\\\\\na=1\n");
        const auto values = valuesOf(file);
        CPPUNIT_ASSERT_EQUAL(std::string("C:\\plugins\\"), values.at("folder").text);
        CPPUNIT_ASSERT_EQUAL(file + ":2", values.at("a").origin);
    }

    void aBackslashThatWouldBeLostIsRefused()
    {
        CPPUNIT_ASSERT_EQUAL(_folder.path("n.properties") + ":2: '\\p' is not an escape; write \\\\ for a backslash",
                             faultOf(_folder.write("n.properties", "a=1\nfolder = C:\\plugins\n# C:\\plugins\n")));
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(_folder.write("o.properties", "a = x\\ty\\\\p\\ q\\\n  r\n")));
        Settings::Sources sources;
        sources.file = _folder.write("p.properties", "folder = C:\\tenon\n");
        try
        {
            (void)Settings::load(sources, {{"folder", SettingType::PATH, "", "", "Folder."}});
            CPPUNIT_FAIL("a path with a tab was taken");
        }
        catch (const SettingsException& exc)
        {
            CPPUNIT_ASSERT(exc.message().find(":1: 'folder' must be a path without control") != std::string::npos);
        }
    }

    void aMarkBeforeTheTextIsPassedOver()
    {
        const auto values = valuesOf(_folder.write("q.properties", "\xEF\xBB\xBFhttp.port = 80\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("80"), values.at("http.port").text);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), values.size());
        CPPUNIT_ASSERT(valuesOf(_folder.write("r.properties", "a")).contains("a"));
        CPPUNIT_ASSERT(valuesOf(_folder.write("s.properties", "")).empty());
    }

    void aPipeIsReadOnce()
    {
#if !defined(_WIN32)
        int ends[2];
        CPPUNIT_ASSERT_EQUAL(0, pipe(ends));
        CPPUNIT_ASSERT_EQUAL(ssize_t(14), write(ends[1], "http.port = 80", 14));
        close(ends[1]);
        const std::string file = "/dev/fd/" + std::to_string(ends[0]);
        const auto values = valuesOf(file);
        close(ends[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("80"), values.at("http.port").text);
        CPPUNIT_ASSERT_EQUAL(file + ":1", values.at("http.port").origin);
#endif
    }

    void aLineWithoutAKeyIsRefused()
    {
        CPPUNIT_ASSERT_EQUAL(_folder.path("t.properties") + ":2: there is no key before the value",
                             faultOf(_folder.write("t.properties", "a=1\n = 2\n")));
        CPPUNIT_ASSERT(valuesOf(_folder.write("u.properties", ".a = 1\nb..c = 2\n")).contains("b..c"));
    }

    void aLinkThatLeadsBackIsRefused()
    {
        const auto file = _folder.write("v.properties", "include = v-again.properties\n");
        std::error_code none;
        std::filesystem::create_symlink(file, _folder.path("v-again.properties"), none);
        if (!none) // systems without links
            CPPUNIT_ASSERT(faultOf(file).find("leads back") != std::string::npos);
        const auto folder = _folder.write("w.properties", "\ninclude = " + _folder.path() + "\n");
        CPPUNIT_ASSERT(faultOf(folder).starts_with(folder + ":2: 'include' names"));
    }

    void includedFilesReplaceWhatWasSet()
    {
        (void)_folder.write("20-b.properties", "a=3\nc=4\n");
        (void)_folder.write("10-a.properties", "a=2\nb=2\n");
        const auto file = _folder.write("i.properties", "a=1\ninclude = [12]0-*.properties, none-*.properties\nd=1\n");
        const auto values = valuesOf(file);
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), values.size());
        CPPUNIT_ASSERT_EQUAL(std::string("3"), values.at("a").text);
        CPPUNIT_ASSERT_EQUAL(_folder.path("20-b.properties") + ":1", values.at("a").origin);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), values.at("b").text);
        SettingFaults faults(file);
        (void)tenon::base::readSettingsFile(file, faults);
        CPPUNIT_ASSERT(faults.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), faults.warnings().size());
        CPPUNIT_ASSERT_EQUAL(file + ":2: 'include' names 'none-*.properties', which matches no file",
                             faults.warnings().front());
    }

    void anIncludeThatCannotBeIsRefused()
    {
        const auto gone = _folder.write("j.properties", "\ninclude = gone.properties\n");
        CPPUNIT_ASSERT_EQUAL(gone + ":2: 'include' names 'gone.properties', which does not exist", faultOf(gone));
        const auto circle = _folder.write("k.properties", "include = l.properties\n");
        (void)_folder.write("l.properties", "include = k.properties\n");
        CPPUNIT_ASSERT(faultOf(circle).find("leads back to") != std::string::npos);
        CPPUNIT_ASSERT(faultOf(_folder.write("m.properties", "include = m*.properties\n")).find("leads back") !=
                       std::string::npos);
    }

    void faultsNameFileAndLine()
    {
        Settings::Sources sources;
        sources.file = _folder.write("g.properties", "\nhttp.port=x\nhttp.pott=1\n");
        try
        {
            (void)Settings::load(sources, {{"http.port", SettingType::INTEGER, "1", "", ""}});
            CPPUNIT_FAIL("bad settings were taken");
        }
        catch (const SettingsException& exc)
        {
            CPPUNIT_ASSERT_EQUAL(sources.file + ":2: 'http.port' must be an integer, but is 'x'\n" + sources.file +
                                     ":3: unknown setting 'http.pott'; the nearest known one is 'http.port'",
                                 exc.message());
        }
    }

private:
    static std::map<std::string, tenon::base::SettingValue, std::less<>> valuesOf(const std::string& file)
    {
        SettingFaults faults(file);
        auto values = tenon::base::readSettingsFile(file, faults);
        faults.raise();
        return values;
    }

    static std::string faultOf(const std::string& file)
    {
        try
        {
            (void)valuesOf(file);
            return {};
        }
        catch (const SettingsException& exc)
        {
            return exc.message();
        }
    }

    tenon::tests::TemporaryFolder _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsFileTest);
