#pragma once

#include <memory>
#include <string>
#include <utility>

namespace tenon::base
{

/// A text that its copies share, for what stays and is held in several places. It takes no more room than it needs.
///
/// Threading: any thread may read and copy one that nobody assigns to.
class SharedText
{
public:
    SharedText() = default;
    SharedText(std::string text) // NOLINT: a text is what it is made of
    {
        text.shrink_to_fit();
        _text = std::make_shared<const std::string>(std::move(text));
    }

    [[nodiscard]] const std::string& text() const noexcept
    {
        static const std::string none;
        return _text ? *_text : none;
    }

    [[nodiscard]] friend bool operator==(const SharedText& one, const SharedText& other) noexcept
    {
        return one._text == other._text || one.text() == other.text();
    }

private:
    std::shared_ptr<const std::string> _text; ///< null: empty
};

} // namespace tenon::base
