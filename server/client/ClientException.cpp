#include "client/ClientException.h"

#include <typeinfo>

namespace tenon::client
{

ClientException::ClientException(Fault fault, const std::string& message, int httpStatus)
    : Poco::Exception(message), _fault(fault), _httpStatus(httpStatus)
{
}

ClientException::ClientException(int code, const std::string& message, std::string data, int httpStatus)
    : Poco::Exception(message, code), _fault(Fault::RPC), _httpStatus(httpStatus), _data(std::move(data))
{
}

const char* ClientException::name() const noexcept
{
    return _fault == Fault::RPC ? "JSON-RPC error" : "MCP client";
}

const char* ClientException::className() const noexcept
{
    return typeid(*this).name();
}

Poco::Exception* ClientException::clone() const
{
    return new ClientException(*this);
}

void ClientException::rethrow() const
{
    throw *this;
}

} // namespace tenon::client
