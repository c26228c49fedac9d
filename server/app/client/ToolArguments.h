#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// Makes the arguments of a tool of what was typed: `name=value`, converted by the tool's input schema.
///
/// A value of a parameter that takes text is that text; of a number, `true`, `null`, an object or a list it is read as
/// JSON; of a list of texts it may be separated by commas. `name=@FILE` takes the file's contents, `name:=JSON` the
/// JSON as it stands.
///
/// Shape:  `schema` is null if the tool is not known; then values are JSON where they are, else text. Gives a JSON
///         object as text.
/// Errors: Poco::Util::OptionException that names the parameter and says what it takes.
[[nodiscard]] std::string toolArguments(const std::vector<std::string>& typed,
                                        const base::JsonDocument::Element* schema);

/// Checks whether `arguments`, the text of a JSON object, match `schema`.
///
/// Errors: Poco::Util::OptionException that names the parameter.
void checkArguments(const std::string& arguments, const base::JsonDocument::Element& schema);

/// Arguments of a prompt, which are all text.
[[nodiscard]] std::string promptArguments(const std::vector<std::string>& typed);

/// The values of an enum, in whichever form, of one or of several; empty: it is none.
[[nodiscard]] std::vector<std::string> choicesOf(const base::JsonDocument::Element& property);

/// The names of what an input schema takes, and the values one of them can have (of an enum or a boolean).
[[nodiscard]] std::vector<std::string> parameterNames(const base::JsonDocument::Element& schema);
[[nodiscard]] std::vector<std::string> parameterValues(const base::JsonDocument::Element& schema,
                                                       const std::string& name);
/// "city* units=metric|imperial limit": required ones are starred.
[[nodiscard]] std::string signatureOf(const base::JsonDocument::Element& schema);

} // namespace tenon::app
