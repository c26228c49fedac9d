#include <tenon/plugin.hpp>

enum class Unit
{
    Metric,
    Imperial
};

inline auto describe(tenon::Type<Unit>)
{
    return tenon::choices(tenon::choice(Unit::Metric, "metric", "Kilograms"),
                          tenon::choice(Unit::Imperial, "imperial", "Pounds"));
}

struct Address
{
    std::string street;
    std::string city;
    std::optional<std::string> postcode;
};

inline auto describe(tenon::Type<Address>)
{
    return tenon::object(tenon::field("street", &Address::street, "Street and number"),
                         tenon::field("city", &Address::city, "Town or city", tenon::minLength(1)),
                         tenon::field("postcode", &Address::postcode));
}

struct Order
{
    std::string article;
    int count = 1;
};

inline auto describe(tenon::Type<Order>)
{
    return tenon::object(tenon::field("article", &Order::article, "Article number", tenon::pattern("^[A-Z]{2}[0-9]+$")),
                         tenon::field("count", &Order::count, "How many", tenon::defaultTo(1), tenon::atLeast(1)));
}

TENON_PLUGIN("parameters", "1.0.0", plugin)
{
    // One parameter after the other; the handler takes them in the same order.
    plugin.tool("ship", "Ships a parcel")
        .param<Address>("to", "Where to")
        .param<double>("weight", "Weight of the parcel", tenon::range(0.1, 31.5))
        .param<Unit>("unit", "Unit of the weight", tenon::defaultTo(Unit::Metric))
        .param<std::vector<std::string>>("notes", "Notes for the driver", tenon::defaultTo(std::vector<std::string>()),
                                         tenon::items(0, 3))
        .param<std::optional<std::string>>("region", "Routes the request", tenon::header("Region"))
        .annotations(tenon::destructive(false), tenon::idempotent(false))
        .handle(
            [](const Address& to, double weight, Unit unit, const std::vector<std::string>& notes,
               const std::optional<std::string>& region)
            {
                return "To " + to.city + (region ? " by " + *region : "") + ", " +
                       std::to_string(unit == Unit::Metric ? weight : weight * 0.4536).substr(0, 4) + " kg, " +
                       std::to_string(notes.size()) + " notes";
            });

    // All arguments as one struct.
    plugin.tool("order", "Orders an article")
        .arguments<Order>()
        .handle([](const Order& order) { return std::to_string(order.count) + " of " + order.article; });
}
