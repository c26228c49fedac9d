#pragma once

#include "base/json/JsonDocument.h"
#include "client/ClientException.h"

#include <functional>
#include <string>
#include <string_view>

namespace tenon::client
{

/// What a server can ask of a client.
struct Abilities
{
    bool forms = false; ///< elicitation with a form
    bool urls = false;  ///< elicitation that sends the user to a page
    bool sampling = false;
    bool roots = false;
    bool tasks = false; ///< the tasks extension (2026-07-28)
};

/// Answers a server's requests, and receives its notifications.
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

    /// What a server asks of a legacy session.
    struct Question
    {
        std::string_view method;
        const base::JsonDocument::Element* params; ///< null: none
        std::string_view related;                  ///< id of the request that it came with; empty: not known
        std::function<void(const std::string& result)> answer;        ///< with JSON text
        std::function<void(int code, const std::string& why)> refuse; ///< instead
    };

    /// Takes a question that is answered later, from any thread, once. False: `answer` is called, and may block.
    ///
    /// Ownership: what `question` borrows ends with the return; its functions may be kept.
    virtual bool takeQuestion(const Question& question);

    /// Any notification but the progress of a request. `params` is null if there are none; `related` as in `Question`.
    virtual void onNotification(std::string_view method, const base::JsonDocument::Element* params,
                                std::string_view related);

    /// The session is gone and will not come back by itself.
    virtual void onGone(const ClientException& why);
};

} // namespace tenon::client
