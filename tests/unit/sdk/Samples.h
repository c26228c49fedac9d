#pragma once

#include <tenon/plugin.hpp>

namespace tenon::test
{

enum class Colour
{
    Red,
    Green
};

inline auto describe(Type<Colour>)
{
    return choices(choice(Colour::Red, "red", "Red as blood"), choice(Colour::Green, "green", "Green as grass"));
}

enum class Size
{
    Small,
    Large
};

inline auto describe(Type<Size>)
{
    return choices(choice(Size::Small, "small"), choice(Size::Large, "large"));
}

struct Address
{
    std::string city;
    std::optional<std::string> street;
};

inline auto describe(Type<Address>)
{
    return object(field("city", &Address::city, "The city"), field("street", &Address::street));
}

struct Person
{
    std::string name;
    int age = 0;
    std::vector<Colour> likes;
    std::optional<Address> address;
};

inline auto describe(Type<Person>)
{
    return object(field("name", &Person::name, "The full name", length(1, 80)),
                  field("age", &Person::age, "Years", range(0, 150), defaultTo(30)),
                  field("likes", &Person::likes, "", notRequired()), field("address", &Person::address));
}

struct Name
{
    std::string name;
};

inline auto describe(Type<Name>)
{
    return object(field("name", &Name::name, "Your name"));
}

/// As flat as a form must be.
struct Guest
{
    std::string name;
    int age = 0;
    std::vector<Colour> likes;
    std::optional<bool> vegetarian;
};

inline auto describe(Type<Guest>)
{
    return object(field("name", &Guest::name), field("age", &Guest::age, "", defaultTo(30)),
                  field("likes", &Guest::likes, "", notRequired()), field("vegetarian", &Guest::vegetarian));
}

/// Makes a plugin of a body.
inline auto makes(void (*body)(Plugin&))
{
    return [body](const tenon_host* host, tenon_plugin** made)
    { return detail::Bridge::create(host, made, "sample", "1.2.3", body); };
}

/// A plugin with its host, destroyed at the end.
class Made
{
public:
    template <class Host>
    Made(Host& host, void (*body)(Plugin&)) : _plugin(host.make(makes(body)))
    {
    }

    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    ~Made()
    {
        if (_plugin)
            _plugin->destroy(_plugin);
    }

    tenon_plugin* get() const { return _plugin; }

    template <class Api>
    const Api* api(const char* id) const
    {
        return static_cast<const Api*>(_plugin->extension(_plugin, id));
    }

    const tenon_tools& tools() const { return *api<tenon_tools>(TENON_EXT_TOOLS); }
    const tenon_prompts& prompts() const { return *api<tenon_prompts>(TENON_EXT_PROMPTS); }
    const tenon_resources& resources() const { return *api<tenon_resources>(TENON_EXT_RESOURCES); }

    /// The list that a function of an extension gives.
    template <class Function>
    std::string list(Function function) const
    {
        return std::string(toView(function(_plugin)));
    }

private:
    tenon_plugin* _plugin;
};

} // namespace tenon::test
