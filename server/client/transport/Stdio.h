#pragma once

#include "client/transport/ChildProcess.h"
#include "client/transport/Transport.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::client
{

/// A server that is a child process: a message a line.
///
/// What a server prints that is no message is handed to the error sink, not held against it: many do.
///
/// Threading: any thread; one of the transport's reads.
/// Spec:      2026-07-28, Transports, stdio.
class Stdio : public Transport
{
public:
    using Starter = std::function<std::unique_ptr<ChildProcess>()>;
    using LineSink = std::function<void(const std::string& line)>;

    struct Options
    {
        Starter start;     ///< called once, by `open`
        LineSink onErrors; ///< a line of its standard error; may be empty. On a thread of the transport's
        int patienceMs = 2000;
        int writeMs = 10'000;
        std::size_t maxMessageBytes = 64U * 1024 * 1024;
        class Trace* trace = nullptr; ///< borrowed
    };

    explicit Stdio(Options options);
    ~Stdio() override;

    void open(TransportListener& listener) override;
    void send(Outgoing message) override;
    bool abandon(const std::string&) override { return false; }
    void setRevision(const std::string&) override {}
    void listen() override {}
    [[nodiscard]] std::string remark() override;
    void close() override;
    [[nodiscard]] bool hasHeaders() const override { return false; }

private:
    void readAll();
    bool takeErrors(std::string_view bytes);
    void errorsEnded();
    void takeLine(const std::string& line);
    void takeErrorLine(const std::string& line);
    [[nodiscard]] std::string lastWords();

    const Options _options;
    TransportListener* _listener = nullptr;
    std::unique_ptr<ChildProcess> _child; ///< set by `open`
    std::thread _reading;
    std::string _errorLine; ///< that has begun; of who reads errors

    std::condition_variable _errorsRead;
    std::mutex _mutex;                   // guards all below
    std::deque<std::string> _lastErrors; ///< for the message when it ends
    std::string _noMessage;              ///< the last line that it printed and that is none
    bool _errorsEnded = false;           ///< they are all read
    std::thread::id _reader;             ///< the thread that reads them
    bool _closing = false;
};

} // namespace tenon::client
