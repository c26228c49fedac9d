#include "client/protocol/ClientHandler.h"

namespace tenon::client
{

namespace
{

constexpr int METHOD_NOT_FOUND = -32601;

} // namespace

std::string ClientHandler::answer(std::string_view method, const base::JsonDocument::Element*)
{
    throw ClientException(METHOD_NOT_FOUND, "this client does not answer " + std::string(method), "");
}

bool ClientHandler::takeQuestion(const Question&)
{
    return false;
}

void ClientHandler::onNotification(std::string_view, const base::JsonDocument::Element*, std::string_view) {}

void ClientHandler::onGone(const ClientException&) {}

} // namespace tenon::client
