// Dates, times and durations: RFC 3339, section 5.6 and appendix A.

#include "schema/format/Formats.h"
#include "schema/text/Ascii.h"

namespace tenon::schema::format
{

namespace
{

/// Reads from the front of a text.
class Cursor
{
public:
    explicit Cursor(std::string_view text) : _rest(text) {}

    bool atEnd() const { return _rest.empty(); }

    bool accept(char c)
    {
        if (_rest.empty() || _rest[0] != c)
            return false;
        _rest.remove_prefix(1);
        return true;
    }

    /// Exactly so many digits.
    bool digits(std::size_t count, int& value)
    {
        if (_rest.size() < count)
            return false;
        value = 0;
        for (std::size_t i = 0; i < count; ++i)
        {
            if (!ascii::isDigit(_rest[i]))
                return false;
            value = value * 10 + (_rest[i] - '0');
        }
        _rest.remove_prefix(count);
        return true;
    }

    /// At least one digit.
    bool number()
    {
        std::size_t count = 0;
        while (count < _rest.size() && ascii::isDigit(_rest[count]))
            ++count;
        _rest.remove_prefix(count);
        return count > 0;
    }

    char peek() const { return _rest.empty() ? '\0' : _rest[0]; }

private:
    std::string_view _rest;
};

bool readDate(Cursor& at)
{
    static constexpr int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0;
    int month = 0;
    int day = 0;
    if (!at.digits(4, year) || !at.accept('-') || !at.digits(2, month) || !at.accept('-') || !at.digits(2, day))
        return false;
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool readOffset(Cursor& at, int& minutes)
{
    minutes = 0;
    if (at.accept('Z') || at.accept('z'))
        return true;
    const bool east = at.accept('+');
    if (!east && !at.accept('-'))
        return false;
    int hour = 0;
    int minute = 0;
    if (!at.digits(2, hour) || !at.accept(':') || !at.digits(2, minute) || hour > 23 || minute > 59)
        return false;
    minutes = (hour * 60 + minute) * (east ? 1 : -1);
    return true;
}

bool readTime(Cursor& at)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    int offset = 0;
    if (!at.digits(2, hour) || !at.accept(':') || !at.digits(2, minute) || !at.accept(':') || !at.digits(2, second))
        return false;
    if (at.accept('.') && !at.number())
        return false;
    if (!readOffset(at, offset) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (second < 60)
        return true;
    // A leap second is the last one of a day, at Greenwich.
    constexpr int DAY = 24 * 60;
    return ((hour * 60 + minute - offset) % DAY + DAY) % DAY == DAY - 1;
}

/// Components in the order of `units`, none left out between two that are there; false if there is none.
bool readComponents(Cursor& at, std::string_view units)
{
    std::size_t next = 0;
    bool any = false;
    while (ascii::isDigit(at.peek()))
    {
        if (!at.number())
            return false;
        const std::size_t unit = units.find(at.peek());
        if (unit == std::string_view::npos || (any ? unit != next : unit < next))
            return false;
        at.accept(at.peek());
        next = unit + 1;
        any = true;
    }
    return any;
}

} // namespace

bool isDate(std::string_view text)
{
    Cursor at(text);
    return readDate(at) && at.atEnd();
}

bool isTime(std::string_view text)
{
    Cursor at(text);
    return readTime(at) && at.atEnd();
}

bool isDateTime(std::string_view text)
{
    Cursor at(text);
    return readDate(at) && (at.accept('T') || at.accept('t')) && readTime(at) && at.atEnd();
}

bool isDuration(std::string_view text)
{
    Cursor at(text);
    if (!at.accept('P'))
        return false;
    Cursor weeks = at;
    if (weeks.number() && weeks.accept('W'))
        return weeks.atEnd();
    const bool dated = at.peek() == 'T' || readComponents(at, "YMD");
    if (!dated)
        return false;
    if (at.accept('T') && !readComponents(at, "HMS"))
        return false;
    return at.atEnd();
}

} // namespace tenon::schema::format
