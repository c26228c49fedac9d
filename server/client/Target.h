#pragma once

#include "client/transport/ChildProcess.h"

#include <Poco/URI.h>

#include <string>

namespace tenon::client
{

/// The address of a server: a URL or a command.
struct Target
{
    enum class Kind
    {
        HTTP, ///< Streamable HTTP; HTTP+SSE if it speaks only that
        SSE,  ///< HTTP+SSE
        STDIO,
        WEBSOCKET
    };

    Kind kind = Kind::HTTP;
    Poco::URI url;                 ///< all but STDIO; of a WebSocket too it is http or https
    ChildProcess::Command command; ///< STDIO

    /// Of a URL of http or https, ws or wss; without a scheme it is http, as in "127.0.0.1:8080/mcp".
    ///
    /// Errors: Poco::SyntaxException if it is none.
    [[nodiscard]] static Target ofUrl(const std::string& url);
    [[nodiscard]] static Target ofCommand(std::string program, std::vector<std::string> arguments);

    /// For messages: the URL without user and query, or the command.
    [[nodiscard]] std::string text() const;
};

} // namespace tenon::client
