#include "app/client/UserAtTerminal.h"

#include "app/client/ToolArguments.h"
#include "base/json/JsonWriter.h"
#include "client/protocol/Forms.h"

#include <Poco/Exception.h>
#include <Poco/Path.h>
#include <Poco/URI.h>

namespace tenon::app
{

namespace
{

using base::findMember;
using base::JsonDocument;
using base::textMember;

constexpr const char* DECLINED = R"({"action":"decline"})";
constexpr const char* DISMISSED = R"({"action":"cancel"})";

bool isRequired(const JsonDocument::Element& schema, std::string_view name)
{
    JsonDocument::Element required;
    simdjson::dom::array names;
    std::string_view one;
    if (findMember(schema, "required", required) && !required.get(names))
        for (const auto& item : names)
            if (!item.get(one) && one == name)
                return true;
    return false;
}

/// "red|green", the values to choose from.
std::string choiceText(const JsonDocument::Element& schema)
{
    if (textMember(schema, "type") == "boolean")
        return "yes|no";
    std::string all;
    for (const std::string& one : choicesOf(schema))
        all.append(all.empty() ? "" : "|").append(one);
    return all;
}

} // namespace

client::Abilities UserAtTerminal::abilities() const
{
    client::Abilities can;
    can.forms = _console.asks() || _prepared.form.has_value() || _prepared.inTurn;
    can.urls = _console.asks() || _prepared.inTurn;
    can.roots = !_prepared.roots.empty();
    can.tasks = true;
    return can;
}

std::string UserAtTerminal::answer(std::string_view method, const JsonDocument::Element* params)
{
    if (method == "roots/list")
        return rootsText();
    if (method != "elicitation/create" || !params)
        return ClientHandler::answer(method, params);
    const std::lock_guard lock(_asking);
    if (_prepared.inTurn)
        return nextAnswer(*params);
    return textMember(*params, "mode") == "url" ? answerPage(*params) : answerForm(*params);
}

std::string UserAtTerminal::rootsText() const
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().key("roots").beginArray();
    for (const std::string& folder : _prepared.roots)
    {
        Poco::Path path(folder);
        path.makeAbsolute().makeDirectory();
        Poco::URI uri(path);
        writer.beginObject().member("uri", uri.toString()).member("name", path.directory(path.depth() - 1)).endObject();
    }
    writer.endArray().endObject();
    return text;
}

/// What was said beforehand, shown with its question: who gave the wrong answers is to see why they are asked for again.
std::string UserAtTerminal::nextAnswer(const JsonDocument::Element& params)
{
    _console.note(textMember(params, "message"));
    if (_answered >= _prepared.answers.size())
    {
        _console.note("  (no answer left: cancel)");
        return DISMISSED;
    }
    const std::string& given = _prepared.answers[_answered++];
    _console.note("  " + given);
    if (given == "\"decline\"")
        return DECLINED;
    if (given == "\"cancel\"")
        return DISMISSED;
    return client::acceptedForm(textMember(params, "mode") == "url" ? "" : given);
}

std::string UserAtTerminal::answerPage(const JsonDocument::Element& params)
{
    _console.note(std::string(textMember(params, "message")) + "\n  " + std::string(textMember(params, "url")));
    std::string answer;
    if (!_console.ask("Open it in a browser, then press Enter (n: no): ", answer))
        return DISMISSED;
    return answer.starts_with('n') ? DECLINED : client::acceptedForm("");
}

std::string UserAtTerminal::answerForm(const JsonDocument::Element& params)
{
    JsonDocument::Element schema, properties;
    if (!findMember(params, "requestedSchema", schema))
        return DISMISSED;
    if (_prepared.form)
        return client::acceptedForm(client::withDefaults(schema, *_prepared.form));
    _console.note(textMember(params, "message"));
    std::string content = "{";
    simdjson::dom::object members;
    if (findMember(schema, "properties", properties) && !properties.get(members))
        for (const auto& [name, property] : members)
        {
            std::string json;
            if (!askField(name, property, isRequired(schema, name), json))
                return DISMISSED;
            if (json.empty())
                continue;
            content += content.size() > 1 ? "," : "";
            base::JsonWriter::appendString(content, name);
            content += ':' + json;
        }
    content += '}';
    std::string answer;
    if (!_console.ask("Send? [Y/n] ", answer))
        return DISMISSED;
    return answer.starts_with('n') || answer.starts_with('N') ? DECLINED : client::acceptedForm(content);
}

/// False: the user ended the input. `json` stays empty if they gave nothing.
bool UserAtTerminal::askField(std::string_view name, const JsonDocument::Element& schema, bool required,
                              std::string& json)
{
    JsonDocument::Element standard;
    const bool has = findMember(schema, "default", standard);
    std::string prompt = "  " + std::string(textMember(schema, "title").empty() ? name : textMember(schema, "title"));
    if (const auto description = textMember(schema, "description"); !description.empty())
        prompt += " (" + std::string(description) + ')';
    if (const std::string choices = choiceText(schema); !choices.empty())
        prompt += " {" + choices + '}';
    if (has)
    {
        std::string_view text;
        prompt += " [" + (standard.get(text) ? base::toJson(standard) : std::string(text)) + ']';
    }
    prompt += required ? "*: " : ": ";
    while (true)
    {
        std::string typed;
        if (!_console.ask(prompt, typed))
            return false;
        if (typed.empty() && has)
            json = base::toJson(standard);
        if (typed.empty() && (has || !required))
            return true;
        if (typed.empty())
            continue;
        std::string wrapped;
        base::JsonWriter(wrapped)
            .beginObject()
            .key("properties")
            .beginObject()
            .member(name, schema)
            .endObject()
            .endObject();
        try
        {
            const auto whole = JsonDocument::parse(wrapped);
            const JsonDocument::Element root = whole->root();
            const std::string object = toolArguments({std::string(name) + '=' + typed}, &root);
            checkArguments(object, root);
            const auto read = JsonDocument::parse(object);
            JsonDocument::Element value;
            if (findMember(read->root(), name, value))
                json = base::toJson(value);
            return true;
        }
        catch (const Poco::Exception& exc)
        {
            _console.note("  " + exc.message());
        }
    }
}

void UserAtTerminal::onNotification(std::string_view method, const JsonDocument::Element* params, std::string_view)
{
    JsonDocument::Element data;
    std::string_view text;
    if (method == "notifications/message" && params && findMember(*params, "data", data))
        _console.note('[' + std::string(textMember(*params, "level")) + "] " +
                      (data.get(text) ? base::toJson(data) : std::string(text)));
}

} // namespace tenon::app
