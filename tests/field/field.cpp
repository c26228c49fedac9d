// What the cases need of a plugin, as an author would write it without a thought of the faults that are tried here.
#include <tenon/plugin.hpp>

#include <chrono>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace
{

struct Contact
{
    std::string email, page, day, moment;
};

inline auto describe(tenon::Type<Contact>)
{
    using tenon::field;
    using tenon::format;
    return tenon::object(
        field("email", &Contact::email, "", format("email")), field("page", &Contact::page, "", format("uri")),
        field("day", &Contact::day, "", format("date")), field("moment", &Contact::moment, "", format("date-time")));
}

struct Figures
{
    double ratio = 0;
    std::vector<double> rates;
};

inline auto describe(tenon::Type<Figures>)
{
    return tenon::object(tenon::field("ratio", &Figures::ratio), tenon::field("rates", &Figures::rates));
}

struct Count
{
    int count = 0;
};

inline auto describe(tenon::Type<Count>)
{
    return tenon::object(tenon::field("count", &Count::count, "How many", tenon::range(1, 9)));
}

std::string outcome(const tenon::Elicited<Count>& answer)
{
    return answer ? "accepted " + std::to_string(answer->count) : answer.declined() ? "declined" : "dismissed";
}

void addQuestions(tenon::Plugin& plugin)
{
    using tenon::Call;
    plugin.tool("field_ask", "Asks how many, and says what became of the question")
        .handle(
            [](Call& call) -> std::string
            {
                try
                {
                    return outcome(call.elicit<Count>("count", "How many?"));
                }
                catch (const tenon::InvalidAnswer&)
                {
                    return "invalid answer";
                }
                catch (const tenon::Unavailable&)
                {
                    return "unavailable";
                }
            });
    plugin.tool("field_ask_plainly", "Asks how many, and does not care for what may go wrong")
        .handle([](Call& call) { return outcome(call.elicit<Count>("count", "How many?")); });
    plugin.tool("field_ask_soon", "Asks how many, and has little time")
        .timeout(std::chrono::milliseconds(1500))
        .taskSupport(tenon::TaskSupport::Optional)
        .handle([](Call& call) { return outcome(call.elicit<Count>("count", "How many?")); });
    plugin.tool("field_ask_contact", "Asks for texts in the formats of forms")
        .handle([](Call& call) { return call.elicit<Contact>("contact", "Who are you?")->email; });
}

void addResources(tenon::Plugin& plugin)
{
    plugin.resource("field://my notes/first räksmörgås", "note").handle([] { return "a note"; });
    plugin.resourceTemplate("field://my drawers/{name}", "drawer", "A drawer by its name")
        .complete("name",
                  [](std::string_view typed) -> std::vector<std::string>
                  {
                      if (typed == "broken")
                          throw std::runtime_error("there is nothing to begin with");
                      return {"left", "right"};
                  })
        .handle(
            [](std::string_view name) -> std::string
            {
                if (name != "left")
                    throw std::runtime_error("there is no drawer " + std::string(name));
                return "socks";
            });
    plugin.resource("field://broken", "broken")
        .handle([]() -> std::string { throw std::runtime_error("the disk is gone"); });
    plugin.onSubscribe([](std::string_view) {});
    plugin.onUnsubscribe([](std::string_view) {});
    plugin.tool("field_touch", "Says that the note and the drawer have changed")
        .handle(
            [&plugin]
            {
                plugin.resourceUpdated("field://my notes/first räksmörgås");
                plugin.resourceUpdated("field://my drawers/left");
            });
    plugin.prompt("field_prompt", "Asks for a chapter")
        .argument("chapter", "Which chapter")
        .handle(
            [](const std::string& chapter) -> std::string
            {
                if (chapter != "one")
                    throw std::runtime_error("there is no chapter " + chapter);
                return "Read chapter one.";
            });
}

} // namespace

TENON_PLUGIN("field", "1.0.0", plugin)
{
    addQuestions(plugin);
    addResources(plugin);
    plugin.tool("field_sleep", "Sleeps until it is cancelled")
        .timeout(std::chrono::milliseconds(0))
        .handle(
            [](tenon::Call& call)
            {
                for (;;)
                {
                    call.throwIfCancelled();
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                }
            });
    plugin.tool("field_figures", "Divides by nothing")
        .param<double>("divisor", "By what", tenon::defaultTo(0.0))
        .handle(
            [](double divisor) {
                return Figures{0 / divisor, {1, 1 / divisor}};
            });
    plugin.tool("field_integers", "Gives back integers")
        .param<int>("small", "Of 32 bits", tenon::defaultTo(0))
        .param<std::int64_t>("large", "Of 64 bits", tenon::defaultTo(0))
        .param<std::uint64_t>("positive", "Of 64 bits, from 0", tenon::defaultTo(0))
        .handle([](int small, std::int64_t large, std::uint64_t positive)
                { return std::to_string(small) + ' ' + std::to_string(large) + ' ' + std::to_string(positive); });
    plugin.tool("field_reals", "Gives back real numbers")
        .param<double>("double", "Of 64 bits", tenon::defaultTo(0.0))
        .param<float>("single", "Of 32 bits", tenon::defaultTo(0.0F))
        .handle(
            [](double number, float single)
            {
                std::ostringstream text;
                text << number << ' ' << single;
                return text.str();
            });
    plugin.tool("field_json", "Gives back JSON as its own text")
        .param<std::string>("json", "What to give back")
        .handle([](const std::string& json)
                { return tenon::RawResult{R"({"content":[],"structuredContent":{"value":)" + json + "}}"}; });
    plugin.tool("field_list", "Counts")
        .param<std::vector<std::string>>("items", "What to count")
        .handle([](const std::vector<std::string>& items) { return std::to_string(items.size()); });
    plugin.tool("field_emit", "Sends an event of its own type")
        .param<std::string>("type", "Its type", tenon::defaultTo("field/alarm"))
        .handle([](tenon::Call& call, const std::string& type)
                { return call.emit(type, Count{3}) ? "emitted" : "there is no way"; });
    plugin.tool("field_grow", "Gets another tool")
        .handle(
            [&plugin]
            {
                static int number = 0;
                plugin.tool("field_grown_" + std::to_string(++number), "Grown").handle([] { return "grown"; });
                plugin.listChanged(tenon::List::Tools);
            });
}
