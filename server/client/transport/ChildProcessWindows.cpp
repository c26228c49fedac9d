#include "client/transport/ChildProcess.h"

#include "client/ClientException.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/Process.h>
#include <Poco/Thread.h>

#include <mutex>

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

    std::string readOutput() override { return read(_output); }
    std::string readErrors() override { return read(_errors); }
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
        return _name + " ended with status " + std::to_string(_handle->wait());
    }

private:
    static std::string read(Poco::Pipe& pipe)
    {
        std::string bytes(16384, '\0');
        try
        {
            const int got = pipe.readBytes(bytes.data(), static_cast<int>(bytes.size()));
            bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        }
        catch (const Poco::Exception&)
        {
            bytes.clear(); // the program has ended
        }
        return bytes;
    }

    const std::string _name;
    Poco::Pipe _input, _output, _errors;
    std::unique_ptr<Poco::ProcessHandle> _handle;
    bool _ended = false;
    std::mutex _writing; ///< guards `_input`
};

} // namespace

std::unique_ptr<ChildProcess> startChild(const ChildProcess::Command& command)
{
    return std::make_unique<WindowsChild>(command);
}

} // namespace tenon::client
