#pragma once

#include "client/Client.h"

#include <atomic>
#include <string>
#include <string_view>

namespace tenon::client
{

/// Stands between the sessions of a client and its handler: notes what the client itself has to know.
///
/// Threading: any thread.
class Client::Relay : public ClientHandler
{
public:
    Relay(ClientHandler& handler, ListingCache& lists, HealthTracker& health)
        : _handler(handler), _lists(lists), _health(health)
    {
    }

    void begin() { _gone = false; }
    [[nodiscard]] bool isGone() const { return _gone; }

    [[nodiscard]] Abilities abilities() const override { return _handler.abilities(); }

    [[nodiscard]] std::string answer(std::string_view method, const base::JsonDocument::Element* params) override
    {
        return _handler.answer(method, params);
    }

    bool takeQuestion(const Question& question) override { return _handler.takeQuestion(question); }

    void onNotification(std::string_view method, const base::JsonDocument::Element* params,
                        std::string_view related) override
    {
        _lists.onNotification(method);
        _handler.onNotification(method, params, related);
    }

    void onGone(const ClientException& why) override
    {
        _gone = true;
        _health.gone(why.message());
        _handler.onGone(why);
    }

private:
    ClientHandler& _handler;
    ListingCache& _lists;
    HealthTracker& _health;
    std::atomic<bool> _gone{false};
};

} // namespace tenon::client
