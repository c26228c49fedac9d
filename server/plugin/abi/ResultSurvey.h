#pragma once

#include "plugin/call/ResultShape.h"

#include <cstddef>
#include <string_view>

namespace tenon::plugin
{

/// Finds the shape of a result while it is being written: is told of each piece, in the order of the text.
///
/// Shape:     `at`, `begin` and `end` are places in the text.
/// Threading: one thread at a time.
class ResultSurvey
{
public:
    void reset() { *this = {}; }

    void key(std::string_view name)
    {
        if (_place == Place::RESULT)
            memberOfResult(name);
        else if (_place == Place::ITEM)
            _member = name == "type" ? Member::TYPE : name == "text" ? Member::TEXT : Member::OTHER;
    }

    void opened(bool object, std::size_t at)
    {
        switch (_place)
        {
        case Place::BEFORE:
            _place = object ? Place::RESULT : Place::ODD;
            break;
        case Place::RESULT:
            containerInResult(object, at);
            break;
        case Place::CONTENT:
            _place = object ? Place::ITEM : Place::ODD;
            break;
        case Place::ITEM:
            _place = Place::ODD;
            break;
        case Place::STRUCTURED:
        case Place::ODD:
            break;
        }
    }

    /// Shape: `depth` containers are still open.
    void closed(std::size_t depth, std::size_t end)
    {
        if (_place == Place::ITEM)
            _place = Place::CONTENT;
        else if (_place == Place::CONTENT)
            _place = Place::RESULT;
        else if (_place == Place::STRUCTURED && depth == 1)
        {
            _shape.structuredEnd = end;
            _place = Place::RESULT;
        }
        else if (_place == Place::RESULT)
            _shape.plain = (_seen & bitOf(Member::CONTENT)) != 0;
    }

    void text(std::string_view value, std::size_t begin, std::size_t end)
    {
        if (_place == Place::ITEM)
        {
            if (_member == Member::OTHER || (_member == Member::TYPE && value != "text"))
                _place = Place::ODD;
        }
        else
            other(false, begin, end);
    }

    void boolean(bool value)
    {
        if (_place != Place::RESULT || _member != Member::IS_ERROR)
            return other(false, 0, 0);
        _shape.isError = value;
    }

    /// Any other whole value; `object` if it is one.
    void other(bool object, std::size_t begin, std::size_t end)
    {
        if (_place == Place::STRUCTURED || _place == Place::ODD)
            return;
        if (_place != Place::RESULT || _member != Member::STRUCTURED || begin == end)
        {
            _place = Place::ODD;
            return;
        }
        containerInResult(object, begin);
        _shape.structuredEnd = end;
        _place = Place::RESULT;
    }

    /// Once the result is complete.
    [[nodiscard]] const ResultShape& shape() const { return _shape; }

private:
    enum class Place : unsigned char
    {
        BEFORE,
        RESULT,     ///< in the result itself
        CONTENT,    ///< in `content`
        ITEM,       ///< in an item of it
        STRUCTURED, ///< somewhere in `structuredContent`
        ODD         ///< it has something that has to be looked at
    };
    enum class Member : unsigned char
    {
        OTHER,
        CONTENT,
        STRUCTURED,
        IS_ERROR,
        TYPE,
        TEXT
    };

    [[nodiscard]] static unsigned bitOf(Member member) { return 1U << static_cast<unsigned>(member); }

    void memberOfResult(std::string_view name)
    {
        _member = name == "content"             ? Member::CONTENT
                  : name == "structuredContent" ? Member::STRUCTURED
                  : name == "isError"           ? Member::IS_ERROR
                                                : Member::OTHER;
        if (_member == Member::OTHER || (_seen & bitOf(_member)) != 0)
            _place = Place::ODD;
        _seen |= bitOf(_member);
    }

    void containerInResult(bool object, std::size_t at)
    {
        if (_member == Member::CONTENT)
            _place = object ? Place::ODD : Place::CONTENT;
        else if (_member != Member::STRUCTURED)
            _place = Place::ODD;
        else
        {
            _place = Place::STRUCTURED;
            _shape.structured = true;
            _shape.structuredIsObject = object;
            _shape.structuredBegin = at;
        }
    }

    ResultShape _shape;
    Place _place = Place::BEFORE;
    Member _member = Member::OTHER;
    unsigned _seen = 0;
};

} // namespace tenon::plugin
