#include "base/settings/SettingFaults.h"

#include "base/settings/SettingText.h"
#include "base/settings/SettingsException.h"

#include <Poco/NumberParser.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace tenon::base
{

namespace
{

constexpr std::string_view IN_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.*<>";

/// The next word of `text` that could be a key, a placeholder in it as a star: "auth.token.*.sha256"; empty: no more.
std::string nextWord(std::string_view& text)
{
    const auto begin = text.find_first_of(IN_KEYS);
    if (begin == std::string_view::npos)
        return {};
    text.remove_prefix(begin);
    std::string word(text.substr(0, text.find_first_not_of(IN_KEYS)));
    text.remove_prefix(word.size());
    while (word.ends_with('.')) // of the sentence
        word.pop_back();
    const auto open = word.find('<'), close = word.find('>');
    if (open != std::string::npos && close != std::string::npos && open < close)
        word.replace(open, close - open + 1, "*");
    return word.empty() ? "-" : word;
}

/// Where a fault stands, for sorting: a line of the file, of another one, or nowhere in a file.
struct Place
{
    enum class Kind
    {
        FILE,
        INCLUDED,
        ELSEWHERE
    };

    Kind kind = Kind::ELSEWHERE;
    std::string_view file;
    int line = 0;

    static Place of(std::string_view text, std::string_view main)
    {
        // "FILE:12: …"; a file's name may hold colons too.
        for (auto at = text.find(": "); at != std::string_view::npos; at = text.find(": ", at + 1))
        {
            const auto colon = text.substr(0, at).rfind(':');
            int line = 0;
            if (colon == std::string_view::npos ||
                !Poco::NumberParser::tryParse(std::string(text.substr(colon + 1, at - colon - 1)), line))
                continue;
            const std::string_view file = text.substr(0, colon);
            return {file == main ? Kind::FILE : Kind::INCLUDED, file, line};
        }
        return {};
    }

    [[nodiscard]] auto order() const { return std::tie(kind, file, line); }
};

} // namespace

bool SettingFaults::follows(std::string_view text) const
{
    for (std::string word = nextWord(text); !word.empty(); word = nextWord(text))
        if (word.find('.') != std::string::npos &&
            std::any_of(_keys.begin(), _keys.end(), [&](const std::string& key) { return matchesKey(word, key); }))
            return true;
    return false;
}

void SettingFaults::add(std::vector<std::string> keys, std::string text)
{
    if (std::find(_texts.begin(), _texts.end(), text) == _texts.end())
        _texts.push_back(std::move(text));
    std::move(keys.begin(), keys.end(), std::back_inserter(_keys));
}

void SettingFaults::addGap(std::string text)
{
    _gap = true;
    add({}, std::move(text));
}

void SettingFaults::addIfNew(std::vector<std::string> keys, std::string text)
{
    if (_gap || follows(text))
        std::move(keys.begin(), keys.end(), std::back_inserter(_keys));
    else
        add(std::move(keys), std::move(text));
}

void SettingFaults::raise() const
{
    if (_texts.empty())
        return;
    std::vector<std::string> sorted = _texts;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const std::string& one, const std::string& other)
                     { return Place::of(one, _file).order() < Place::of(other, _file).order(); });
    std::string all;
    for (const std::string& text : sorted)
        all += (all.empty() ? "" : "\n") + text;
    throw SettingsException(all);
}

} // namespace tenon::base
