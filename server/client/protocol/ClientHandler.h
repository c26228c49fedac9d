#pragma once

#include "base/json/JsonDocument.h"
#include "client/ClientException.h"

#include <string>
#include <string_view>

namespace tenon::client
{

/// What a client can be asked for.
struct Abilities
{
    bool forms = false; ///< elicitation with a form
    bool urls = false;  ///< elicitation that sends the user to a page
    bool sampling = false;
    bool roots = false;
    bool tasks = false; ///< the tasks extension (2026-07-28)
};

/// Answers what a server asks of its client, and is told its news.
///
/// Threading: any thread. An answer may take as long as a user needs; news may not.
class ClientHandler
{
public:
    virtual ~ClientHandler() = default;

    [[nodiscard]] virtual Abilities abilities() const { return {}; }

    /// Answers `elicitation/create`, `sampling/createMessage` or `roots/list`.
    ///
    /// Shape:  gives the result as JSON text.
    /// Errors: ClientException with a JSON-RPC code: the server is answered with that error.
    [[nodiscard]] virtual std::string answer(std::string_view method, const base::JsonDocument::Element* params);

    /// Any notification but the progress of a request. `params` is null if there are none.
    virtual void onNotification(std::string_view method, const base::JsonDocument::Element* params);

    /// The session is gone and will not come back by itself.
    virtual void onGone(const ClientException& why);
};

} // namespace tenon::client
