#pragma once

#include "base/limits/HolderBudgets.h"
#include "plugin/call/Instance.h"
#include "plugin/config/OwnSettings.h"
#include "plugin/worker/channel/Frame.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// What a program said about itself when it connected.
struct ProgramHello
{
    std::string name, title;
    std::uint64_t key = 0;    ///< of the process: the same when it comes back on another connection
    std::int64_t process = 0; ///< as it numbers itself, perhaps within a container
    std::string libraryVersion;
    Offer offer;
    std::uint64_t version = 0;    ///< of the connection: the highest that both sides speak
    bool allOnMainThread = false; ///< every call waits for a thread of the program that polls
};

/// What a program that left wants its successor to have.
struct LeftState
{
    std::string version; ///< of the manifest of the one that left
    std::string bytes;
    base::HolderShare held;
};

/// Reads what HELLO, PREPARE and SAVE begin with. Empty, or what is wrong with it, in words for the program's author.
[[nodiscard]] std::string readWho(FieldReader& in, ProgramHello& hello);

/// Reads what HELLO goes on with. Empty, or what is wrong with it.
[[nodiscard]] std::string readOffered(FieldReader& in, ProgramHello& hello);

/// The settings of a program as WELCOME and PREPARED have them: how many, then of each its key, its value, and its value taken
/// for paths.
[[nodiscard]] std::string settingsBody(const OwnSettings& settings);

/// A text for people out of what a stranger sent: one line of UTF-8, not too long.
[[nodiscard]] std::string oneLine(std::string_view text, std::size_t maxSize);

constexpr std::size_t MAX_TITLE = 200;

} // namespace tenon::plugin
