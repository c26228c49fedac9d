#include <tenon/plugin.hpp>

enum class Size
{
    Small,
    Large
};

inline auto describe(tenon::Type<Size>)
{
    return tenon::choices(tenon::choice(Size::Small, "small", "Small, 24 cm"),
                          tenon::choice(Size::Large, "large", "Large, 32 cm"));
}

struct Pizza
{
    std::string name;
    Size size = Size::Small;
    int count = 1;
};

inline auto describe(tenon::Type<Pizza>)
{
    return tenon::object(tenon::field("name", &Pizza::name, "Which pizza"),
                         tenon::field("size", &Pizza::size, "", tenon::defaultTo(Size::Small)),
                         tenon::field("count", &Pizza::count, "", tenon::defaultTo(1), tenon::range(1, 9)));
}

TENON_PLUGIN("elicitation", "1.0.0", plugin)
{
    plugin.tool("order_pizza", "Orders a pizza for the user")
        .handle(
            [](tenon::Call& call) -> std::string
            {
                const auto pizza = call.elicit<Pizza>("pizza", "What would you like?");
                if (pizza.declined())
                    return "The user wants no pizza.";

                // Not accepted, whatever the reason: pizza->name would throw with a message for the model.
                const auto sure = call.elicit<bool>("sure", "Order " + pizza->name + "?");
                if (!sure || !*sure)
                    return "Not ordered.";

                // The handler runs from its beginning each time an answer comes; this happens once.
                const int number = call.once("order", [] { return 4711; });

                if (!call.elicitUrl("pay", "Please pay",
                                    "https://pizza.example.com/pay?order=" + std::to_string(number)))
                    return "Ordered, but not paid.";
                return "Ordered " + std::to_string(pizza->count) + " x " + pizza->name + ", number " +
                       std::to_string(number);
            });
}
