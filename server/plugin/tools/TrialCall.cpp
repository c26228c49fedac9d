#include "plugin/tools/TrialCall.h"

#include "plugin/call/FormAnswer.h"
#include "plugin/call/QuestionFault.h"
#include "plugin/tools/ArgumentGenerator.h"

#include <Poco/Exception.h>

namespace tenon::plugin
{

namespace
{

/// An answer that fits a form; declined if none can be made, as for patterns.
std::string filledIn(const base::JsonDocument::Element& form)
{
    constexpr int ATTEMPTS = 50;
    ArgumentGenerator generator(1);
    for (int attempt = 0; attempt < ATTEMPTS; ++attempt)
    {
        const std::string content = generator.make(form);
        const auto document = base::JsonDocument::parse(content);
        const auto filled = document->root();
        if (formFault(form, &filled).empty())
            return R"({"action":"accept","content":)" + content + '}';
    }
    return R"({"action":"decline"})";
}

} // namespace

TrialCall::End TrialCall::wait(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(_mutex);
    _ended.wait_for(lock, timeout, [this] { return _end != End::NONE; });
    return _end;
}

tenon_status TrialCall::end(End how, std::string_view what, tenon_status failure)
{
    std::lock_guard lock(_mutex);
    if (_end != End::NONE)
        return TENON_ERROR_STATE;
    _end = how;
    text = what;
    status = failure;
    _ended.notify_all();
    return TENON_OK;
}

tenon_status TrialCall::finish(std::string&& result, const ResultShape*)
{
    try
    {
        if (!base::JsonDocument::parse(result)->root().is_object())
            return TENON_ERROR_INVALID;
    }
    catch (const Poco::DataFormatException&)
    {
        return TENON_ERROR_INVALID;
    }
    return end(End::RESULT, result);
}

tenon_status TrialCall::fail(tenon_status failure, std::string_view message)
{
    return end(End::FAILURE,
               message.empty() ? "it failed with status " + std::to_string(failure) : std::string(message), failure);
}

void TrialCall::inputPending()
{
    end(End::PENDING, "it waits for input of a client");
}

bool TrialCall::clientHas(tenon_client_feature feature) const
{
    return feature == TENON_CLIENT_PROGRESS || feature == TENON_CLIENT_ELICITATION ||
           feature == TENON_CLIENT_ELICITATION_URL;
}

std::string TrialCall::questionFault() const
{
    std::lock_guard lock(_mutex);
    return _questionFault;
}

InputOutcome TrialCall::refuse(const std::string& fault)
{
    std::lock_guard lock(_mutex);
    _questionFault = fault;
    return {TENON_ERROR_INVALID, nullptr};
}

InputOutcome TrialCall::requestInput(std::string_view key, std::string_view request)
{
    base::JsonDocumentPtr document;
    try
    {
        document = base::JsonDocument::parse(request);
    }
    catch (const Poco::DataFormatException&)
    {
        return refuse("its question is not JSON");
    }
    if (const auto fault = key.empty() ? "a question needs a key" : plugin::questionFault(document->root());
        !fault.empty())
        return refuse(fault);
    if (base::textMember(document->root(), "method") != "elicitation/create")
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    {
        std::lock_guard lock(_mutex);
        if (++_questions > MOST_QUESTIONS)
            _questionFault = "it asks without end, though its forms are filled in as they allow";
        if (!_questionFault.empty())
            return {TENON_ERROR_CANCELLED, nullptr};
    }
    base::JsonDocument::Element params, form;
    std::string answer = R"({"action":"accept","content":{}})";
    if (base::findMember(document->root(), "params", params) && base::findMember(params, "requestedSchema", form))
        answer = filledIn(form);
    return {TENON_OK, base::JsonDocument::parse(answer)};
}

tenon_status TrialCall::remember(std::string_view key, std::string_view value)
{
    std::lock_guard lock(_mutex);
    _remembered.insert_or_assign(std::string(key), std::string(value));
    return TENON_OK;
}

bool TrialCall::recall(std::string_view key, std::string_view& value)
{
    std::lock_guard lock(_mutex);
    const auto known = _remembered.find(key);
    if (known == _remembered.end())
        return false;
    value = known->second;
    return true;
}

} // namespace tenon::plugin
