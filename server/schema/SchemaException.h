#pragma once

#include <Poco/Exception.h>

namespace tenon::schema
{

/// A schema was refused. The message names the JSON pointer of the bad place, what is wrong there and what is expected:
/// it is written for the plugin's author.
class SchemaException : public Poco::DataFormatException
{
public:
    explicit SchemaException(const std::string& message, int code = 0);
    SchemaException(const std::string& message, const Poco::Exception& cause, int code = 0);
    SchemaException(const SchemaException& other) = default;
    SchemaException& operator=(const SchemaException& other) = default;
    ~SchemaException() noexcept override = default;

    const char* name() const noexcept override;
    const char* className() const noexcept override;
    Poco::Exception* clone() const override;
    void rethrow() const override;
};

} // namespace tenon::schema
