#include "client/transport/ChildProcess.h"

#include "client/ClientException.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/Process.h>
#include <Poco/Thread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::client
{

namespace
{

class WindowsChild : public ChildProcess
{
public:
    explicit WindowsChild(const Command& command) : _name(command.program)
    {
        try
        {
            Poco::Process::Env variables(command.environment.begin(), command.environment.end());
            _handle = std::make_unique<Poco::ProcessHandle>(
                command.folder.empty()
                    ? Poco::Process::launch(command.program, command.arguments, &_input, &_output, &_errors, variables)
                    : Poco::Process::launch(command.program, command.arguments, command.folder, &_input, &_output,
                                            &_errors, variables));
        }
        catch (const Poco::Exception& exc)
        {
            throw ClientException(Fault::UNREACHABLE, command.program + ": " + exc.displayText());
        }
    }

    ~WindowsChild() override { (void)end(500); }

    void write(std::string_view bytes, int) override
    {
        const std::lock_guard lock(_writing);
        try
        {
            while (!bytes.empty())
                bytes.remove_prefix(
                    static_cast<std::size_t>(_input.writeBytes(bytes.data(), static_cast<int>(bytes.size()))));
        }
        catch (const Poco::Exception&)
        {
            throw ClientException(Fault::UNREACHABLE, _name + " has ended");
        }
    }

    void read(const Sink& output, const Sink& errors, std::chrono::milliseconds lastWords) override
    {
        // Two pipes cannot be waited for at once here.
        _errorReader = std::thread(
            [this, errors]
            {
                readAll(_errors, errors);
                const std::lock_guard lock(_reading);
                _errorsRead = true;
                _wake.notify_all();
            });
        readAll(_output, output);
        std::unique_lock lock(_reading);
        _wake.wait_for(lock, lastWords, [this] { return _errorsRead; });
    }

    std::string fate(int) override { return {}; }

    int id() const override { return static_cast<int>(_handle->id()); }

    std::string end(int patienceMs) override
    {
        if (_ended)
            return _name + " ended";
        _ended = true;
        _input.close(Poco::Pipe::CLOSE_BOTH);
        for (int waited = 0; waited < patienceMs && Poco::Process::isRunning(*_handle); waited += 20)
            Poco::Thread::sleep(20);
        if (Poco::Process::isRunning(*_handle))
            Poco::Process::kill(*_handle);
        const int status = _handle->wait();
        if (_errorReader.joinable())
            _errorReader.join();
        return _name + " ended with status " + std::to_string(status);
    }

private:
    static void readAll(Poco::Pipe& pipe, const Sink& sink)
    {
        std::vector<char> bytes(16384);
        for (int got = 1; got > 0;)
        {
            try
            {
                got = pipe.readBytes(bytes.data(), static_cast<int>(bytes.size()));
            }
            catch (const Poco::Exception&)
            {
                got = 0; // the program has ended
            }
            if (!sink({bytes.data(), static_cast<std::size_t>(std::max(got, 0))}))
                return;
        }
    }

    const std::string _name;
    Poco::Pipe _input, _output, _errors;
    std::unique_ptr<Poco::ProcessHandle> _handle;
    bool _ended = false;
    std::mutex _writing; ///< guards `_input`

    std::thread _errorReader; ///< started by `read`
    std::mutex _reading;      // guards all below
    std::condition_variable _wake;
    bool _errorsRead = false;
};

} // namespace

std::unique_ptr<ChildProcess> startChild(const ChildProcess::Command& command)
{
    return std::make_unique<WindowsChild>(command);
}

} // namespace tenon::client
