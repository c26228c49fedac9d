#pragma once

#include "app/client/Console.h"
#include "client/protocol/ClientHandler.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tenon::app
{

/// Answers a server on behalf of whoever typed the command: asks them, or uses the answers given in advance.
///
/// Threading: any thread; one question at a time.
class UserAtTerminal : public client::ClientHandler
{
public:
    struct Prepared
    {
        std::optional<std::string> form; ///< the text of a JSON object: the content of every form
        std::vector<std::string> roots;  ///< folders that servers are told
        bool inTurn = false;             ///< questions are answered by `answers`, and by nobody when there are no more
        std::vector<std::string> answers{}; ///< JSON: the content of a form, or "decline" or "cancel"
    };

    UserAtTerminal(Console& console, Prepared prepared) : _console(console), _prepared(std::move(prepared)) {}

    [[nodiscard]] client::Abilities abilities() const override;
    [[nodiscard]] std::string answer(std::string_view method, const base::JsonDocument::Element* params) override;
    void onNotification(std::string_view method, const base::JsonDocument::Element* params,
                        std::string_view related) override;

private:
    [[nodiscard]] std::string nextAnswer(const base::JsonDocument::Element& params);
    [[nodiscard]] std::string answerForm(const base::JsonDocument::Element& params);
    [[nodiscard]] std::string answerPage(const base::JsonDocument::Element& params);
    [[nodiscard]] std::string rootsText() const;
    bool askField(std::string_view name, const base::JsonDocument::Element& schema, bool required, std::string& json);

    Console& _console;
    const Prepared _prepared;
    std::mutex _asking;        // guards:
    std::size_t _answered = 0; ///< of the prepared ones
};

} // namespace tenon::app
