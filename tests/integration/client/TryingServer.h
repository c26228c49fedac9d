#pragma once

#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"
#include "support/Terminal.h"

#include <memory>
#include <string>
#include <vector>

namespace tenon::tests
{

/// What a command said and how it ended.
struct Outcome
{
    int status = -1;
    std::string out, err;
};

/// A server to try the commands on, and somebody who types them in a home of their own.
class TryingServer
{
public:
    TryingServer();

    [[nodiscard]] std::string url() const;
    /// The words that start the same server as a child: "--" and what follows.
    [[nodiscard]] static std::vector<std::string> command();
    [[nodiscard]] const TemporaryFolder& home() const { return _home; }
    [[nodiscard]] ServerProcess& server() { return *_server; }

    /// Runs `tenon` without a terminal.
    [[nodiscard]] Outcome run(std::vector<std::string> arguments, const std::string& input = {}) const;
    /// Starts `tenon` under one.
    [[nodiscard]] std::unique_ptr<Terminal> start(std::vector<std::string> arguments) const;

private:
    TemporaryFolder _home;
    std::unique_ptr<ServerProcess> _server;
};

} // namespace tenon::tests
