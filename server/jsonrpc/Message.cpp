#include "jsonrpc/Message.h"

#include "base/json/JsonWriter.h"

#include <cmath>

namespace tenon::jsonrpc
{

using base::JsonDocument;
using simdjson::dom::element_type;

bool readId(const JsonDocument::Element& element, std::string& id)
{
    switch (element.type())
    {
    case element_type::STRING:
        if (const std::string_view number = base::bigNumber(element); !number.empty())
        {
            id = number;
            return number.find_first_of(".eE") == std::string_view::npos;
        }
        base::JsonWriter::appendString(id, element.get_string().value_unsafe());
        return true;
    case element_type::INT64:
        id = std::to_string(element.get_int64().value_unsafe());
        return true;
    case element_type::UINT64:
        id = std::to_string(element.get_uint64().value_unsafe());
        return true;
    case element_type::DOUBLE:
    {
        const double number = element.get_double().value_unsafe();
        base::JsonWriter(id).value(number);
        return std::trunc(number) == number; // 1.0 is an integer, too
    }
    default:
        return false;
    }
}

Message Message::read(const JsonDocument::Element& element)
{
    Message message;
    simdjson::dom::object members;
    if (element.get_object().get(members))
    {
        message.fault = "a JSON-RPC message must be an object";
        return message;
    }

    bool version = false, hasId = false, nullId = false, badId = false, hasMethod = false, hasResult = false;
    bool hasError = false;
    JsonDocument::Element error;
    const char* fault = nullptr;
    for (const auto& [name, value] : members)
    {
        if (name == "jsonrpc")
        {
            std::string_view text;
            version = !value.get_string().get(text) && text == "2.0";
        }
        else if (name == "id")
        {
            hasId = true;
            message.id.clear();
            nullId = value.is_null();
            badId = !readId(value, message.id);
        }
        else if (name == "method")
        {
            hasMethod = true;
            if (value.get_string().get(message.method) || message.method.empty())
                fault = "\"method\" must be a non-empty string";
        }
        else if (name == "params")
        {
            message.hasParams = !value.is_null(); // which many serialisers write where there is nothing
            message.params = value;
            if (message.hasParams && !value.is_object())
                fault = "\"params\" must be an object";
        }
        else if (name == "result")
        {
            hasResult = true;
            message.result = value;
        }
        else if (name == "error")
        {
            hasError = true;
            error = value;
        }
    }

    // Many serialisers write null where there is nothing.
    if (hasResult && hasError)
    {
        hasError = !error.is_null();
        hasResult = !hasError || !message.result.is_null();
    }
    if (hasError)
        message.result = error;

    // JSON-RPC answers a message whose id could not be read with an error that has a null id.
    if (!fault && badId && !(nullId && hasError && !hasMethod))
        fault = "\"id\" must be a string or an integer";
    if (!fault && !version)
        fault = "\"jsonrpc\" must be \"2.0\"";
    if (!fault && hasMethod && (hasResult || hasError))
        fault = "a message with \"method\" must not have \"result\" or \"error\"";
    if (!fault && !hasMethod && hasResult == hasError)
        fault = "a message needs \"method\", or one of \"result\" and \"error\"";
    if (!fault && !hasMethod && !hasId && !hasError)
        fault = "a response needs the \"id\" of its request";
    message.answerable = hasMethod || (!hasResult && !hasError);
    message.notifies = hasMethod && !hasId;
    if (fault)
    {
        message.fault = fault;
        return message;
    }
    if (hasMethod)
        message.kind = hasId ? Kind::REQUEST : Kind::NOTIFICATION;
    else
        message.kind = hasError ? Kind::ERROR_RESPONSE : Kind::RESPONSE;
    return message;
}

} // namespace tenon::jsonrpc
