#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>

namespace tenon::jsonrpc
{

/// One JSON-RPC 2.0 message, read out of a parsed document.
///
/// Threading: immutable after `read`.
/// Ownership: borrows the document.
struct Message
{
    enum class Kind
    {
        REQUEST,
        NOTIFICATION,
        RESPONSE, ///< with a result
        ERROR_RESPONSE,
        INVALID ///< see `fault`
    };

    Kind kind = Kind::INVALID;
    std::string id; ///< JSON text, exactly as it has to go back: `"abc"` or `12`; empty if there is none
    std::string_view method;
    bool hasParams = false;
    base::JsonDocument::Element params; ///< an object; only if `hasParams`
    base::JsonDocument::Element result; ///< RESPONSE: the result; ERROR_RESPONSE: the error object
    std::string fault;                  ///< INVALID: what is wrong, for the client
    bool answerable = true;             ///< it bears an id of the client's: no response, nor an attempt at one
    bool notifies = false;              ///< it is a notification, or an attempt at one

    /// Reads one message; never throws, what is no message is INVALID (with `id` if that could be read).
    ///
    /// Spec: JSON-RPC 2.0; 2026-07-28, Overview, Messages: ids are strings or integers, params an object.
    [[nodiscard]] static Message read(const base::JsonDocument::Element& element);
};

/// Reads an id into its JSON text; false if it is neither a string nor an integer. Of any other number the text is read
/// all the same, so that the refusal reaches whoever asked.
[[nodiscard]] bool readId(const base::JsonDocument::Element& element, std::string& id);

} // namespace tenon::jsonrpc
