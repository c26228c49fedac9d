#include "schema/SchemaException.h"

#include <typeinfo>

namespace tenon::schema
{

SchemaException::SchemaException(const std::string& message, int code) : Poco::DataFormatException(message, code) {}

SchemaException::SchemaException(const std::string& message, const Poco::Exception& cause, int code)
    : Poco::DataFormatException(message, cause, code)
{
}

const char* SchemaException::name() const noexcept
{
    return "Schema refused";
}

const char* SchemaException::className() const noexcept
{
    return typeid(*this).name();
}

Poco::Exception* SchemaException::clone() const
{
    return new SchemaException(*this);
}

void SchemaException::rethrow() const
{
    throw *this;
}

} // namespace tenon::schema
