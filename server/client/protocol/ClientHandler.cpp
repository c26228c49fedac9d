#include "client/protocol/ClientHandler.h"

namespace tenon::client
{

std::string ClientHandler::answer(std::string_view method, const base::JsonDocument::Element*)
{
    throw ClientException(code::METHOD_NOT_FOUND, "this client does not answer " + std::string(method), "");
}

bool ClientHandler::takeQuestion(const Question&)
{
    return false;
}

void ClientHandler::onNotification(std::string_view, const base::JsonDocument::Element*, std::string_view) {}

void ClientHandler::onGone(const ClientException&) {}

} // namespace tenon::client
