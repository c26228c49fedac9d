#pragma once

#include "app/client/Interrupts.h"
#include "app/client/Rendering.h"
#include "app/client/ServerConnection.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// `tenon shell`: one session, many commands.
///
/// Threading: one thread.
class Shell
{
public:
    Shell(ServerConnection& connection, Interrupts& interrupts, std::string out)
        : _connection(connection), _interrupts(interrupts), _rendering(connection.console(), std::move(out))
    {
    }

    /// Until the input ends, or "exit". Gives the status of the last command if the input is no terminal, else 0.
    int run();

private:
    /// False: it ends.
    bool execute(std::vector<std::string> words);
    void call(const std::string& tool, const std::vector<std::string>& typed);
    void list(const std::vector<std::string>& kinds);
    void describe(const std::string& tool);
    void help();
    [[nodiscard]] client::RequestOptions watched();

    ServerConnection& _connection;
    Interrupts& _interrupts;
    Rendering _rendering;
    int _status = 0;
};

} // namespace tenon::app
