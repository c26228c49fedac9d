#include "unit/plugin/PluginFolder.h"

#include <Poco/FileStream.h>

#include <cstdlib>
#include <filesystem>

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace tenon::plugin
{

/// What a confined plugin can still do.
class SandboxTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SandboxTest);
    CPPUNIT_TEST(confinedPluginGetsNothingElse);
    CPPUNIT_TEST(whatIsAllowedWorks);
    CPPUNIT_TEST(withoutSandboxEverythingWorks);
    CPPUNIT_TEST(sandboxWithoutWorkerIsRefused);
    CPPUNIT_TEST(missingFolderIsRefused);
    CPPUNIT_TEST(workersHaveNamespacesOfTheirOwn);
    CPPUNIT_TEST(hostileSystemCallsGetNothing);
    CPPUNIT_TEST_SUITE_END();

    Poco::File _folder{Poco::TemporaryFile::tempName()};
    std::string _mine = _folder.path() + "/mine", _other = _folder.path() + "/other";
    PluginFolder _plugins{{"escapes"}};

public:
    void setUp() override
    {
        for (const auto& folder : {_mine, _other})
        {
            Poco::File(folder).createDirectories();
            Poco::FileOutputStream(folder + "/file") << "text";
        }
    }
    void tearDown() override
    {
        _plugins.manager.reset();
        _folder.remove(true);
    }

private:
    PluginManager& start(std::map<std::string, std::string> values)
    {
        values.emplace("plugins.isolation", "process");
        auto& manager = _plugins.start(std::move(values), TENON_WORKER);
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "escapes"));
        return manager;
    }

    static std::string run(PluginManager& manager, const std::string& tool, const std::string& path = "")
    {
        return PluginFolder::call(manager, tool, R"({"path":")" + path + "\"}")->text();
    }

    static void denied(const std::string& answer)
    {
        CPPUNIT_ASSERT_MESSAGE(answer, answer == "Permission denied" || answer == "Operation not permitted");
    }

    void confinedPluginGetsNothingElse()
    {
        auto& manager = start({{"plugin.escapes.sandbox.read", _mine}});
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _mine + "/file"));
        denied(run(manager, "write", _mine + "/file"));
        denied(run(manager, "write", _mine + "/new"));
        denied(run(manager, "read", _mine + "/../other/file"));
        denied(run(manager, "read", "/etc/shadow"));
        denied(run(manager, "read", "/proc/self/environ"));
        denied(run(manager, "socket"));
        denied(run(manager, "fork"));
        denied(run(manager, "execute"));
        denied(run(manager, "signal_parent"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "thread"));
        CPPUNIT_ASSERT(!Poco::File(_mine + "/new").exists());
    }

    void whatIsAllowedWorks()
    {
        auto& manager = start({{"plugin.escapes.sandbox.write", _mine},
                               {"plugin.escapes.sandbox.network", "true"},
                               {"plugin.escapes.sandbox.processes", "true"}});
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "write", _mine + "/new"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _mine + "/new"));
        denied(run(manager, "read", _other + "/file"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "socket"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "fork"));
    }

    void withoutSandboxEverythingWorks()
    {
        auto& manager = start({});
        for (const char* tool : {"socket", "fork", "signal_parent", "thread"})
            CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, tool));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _other + "/file"));
    }

    void sandboxWithoutWorkerIsRefused()
    {
        auto& manager = _plugins.start({{"plugin.escapes.sandbox.read", _mine}}, TENON_WORKER);
        ASSERT_CONTAINS("isolation = process", reasonOf(manager, "escapes"));
    }

    void missingFolderIsRefused()
    {
        auto& manager = _plugins.start(
            {{"plugins.isolation", "process"}, {"plugin.escapes.sandbox.read", _folder.path() + "/nowhere"}},
            TENON_WORKER);
        ASSERT_CONTAINS("nowhere", reasonOf(manager, "escapes"));
    }

    static bool systemGivesNamespaces()
    {
        const pid_t child = fork();
        if (child == 0)
            _exit(unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET) == 0 ? 0 : 1);
        int status = 1;
        CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &status, 0));
        return status == 0;
    }

    static std::string namespaceOf(const std::string& process, const std::string& kind)
    {
        return std::filesystem::read_symlink("/proc/" + process + "/ns/" + kind).string();
    }

    void workersHaveNamespacesOfTheirOwn()
    {
        if (!systemGivesNamespaces())
            return;
        auto& manager = start({{"plugin.escapes.sandbox.read", _mine}});
        const auto worker = std::to_string(manager.status().at(0).instance.processId);
        for (const char* kind : {"user", "pid", "ipc", "net"})
            CPPUNIT_ASSERT_MESSAGE(kind, namespaceOf(worker, kind) != namespaceOf("self", kind));
        // An administrator's worker reads what belongs to others, where it may read at all.
        if (geteuid() == 0)
        {
            const std::string file = _mine + "/file";
            CPPUNIT_ASSERT_EQUAL(0, chown(file.c_str(), 1234, 1234));
            CPPUNIT_ASSERT_EQUAL(0, chmod(file.c_str(), 0600));
            CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", file));
        }
    }

    /// What of this process and its files a plugin could have changed.
    struct Outside
    {
        std::string files;
        rlimit core{};
        cpu_set_t processors{};
        int nice = 0, policy = 0;

        bool operator==(const Outside& other) const
        {
            return files == other.files && core.rlim_cur == other.core.rlim_cur &&
                   core.rlim_max == other.core.rlim_max && CPU_EQUAL(&processors, &other.processors) &&
                   nice == other.nice && policy == other.policy;
        }
    };

    [[nodiscard]] Outside look() const
    {
        Outside seen;
        for (const auto& folder : {_mine, _other})
            for (const auto& entry : std::filesystem::directory_iterator(folder))
            {
                struct stat status
                {
                };
                CPPUNIT_ASSERT_EQUAL(0, lstat(entry.path().c_str(), &status));
                char attributes[64];
                const auto size = listxattr(entry.path().c_str(), attributes, sizeof attributes);
                seen.files += entry.path().string() + ' ' + std::to_string(status.st_mode) + ' ' +
                              std::to_string(status.st_uid) + ' ' + std::to_string(status.st_size) + ' ' +
                              std::to_string(status.st_mtim.tv_sec) + ' ' + std::to_string(status.st_ctim.tv_nsec) +
                              ' ' + std::to_string(size) + '\n';
            }
        getrlimit(RLIMIT_CORE, &seen.core);
        sched_getaffinity(getpid(), sizeof seen.processors, &seen.processors);
        seen.nice = getpriority(PRIO_PROCESS, 0);
        seen.policy = sched_getscheduler(0);
        return seen;
    }

    void hostileSystemCallsGetNothing()
    {
        if (UNDER_SANITIZER)
            return; // they need what the jail forbids
        const std::string path = _other + "/socket";
        const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        CPPUNIT_ASSERT_EQUAL(0, bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address));
        setenv("SERVERS_SECRET", "key", 1);
        const Outside before = look();

        PluginFolder folder{{"hostile_syscalls"}};
        const std::string at = "plugin.hostile_syscalls.";
        auto& manager = folder.start({{"plugins.isolation", "process"},
                                      {at + "sandbox.read", _mine},
                                      {at + "victim", std::to_string(getpid())},
                                      {at + "outside", _other},
                                      {at + "readable", _mine},
                                      {at + "secret", "SERVERS_SECRET"}},
                                     TENON_WORKER);
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "hostile_syscalls"));
        const auto call = PluginFolder::call(manager, "attack");
        CPPUNIT_ASSERT_EQUAL(std::string(""), call->failureMessage);
        const std::string report = call->text();
        CPPUNIT_ASSERT_MESSAGE(report, std::stoi(report) >= 60);
        CPPUNIT_ASSERT_EQUAL(std::string(" attempts, got:"), report.substr(report.find(' ')));
        CPPUNIT_ASSERT(look() == before);
        char byte;
        CPPUNIT_ASSERT_EQUAL(ssize_t(-1), recv(listener, &byte, 1, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "attacks_not")->text());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.crashes);
        unsetenv("SERVERS_SECRET");
        close(listener);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SandboxTest);

} // namespace tenon::plugin
