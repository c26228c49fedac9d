#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::attach
{

/// What a plugin leaves to the one that comes after it.
struct SavedState
{
    std::string version; ///< of its manifest
    std::string bytes;
};

/// What a plugin is to find when it is made.
struct Preparation
{
    std::string settings; ///< as `GivenSettings` takes them
    std::optional<SavedState> state;

    /// Shape: `body` is that of PREPARED.
    [[nodiscard]] static Preparation read(std::string_view body);
};

/// Asks the server, on a connection of its own, what a program is to know before it attaches. Nothing, if no server is there, it
/// does not take the question (an older one knows none), or it has not answered for a second.
///
/// Shape:  `socket` as of `connectToServer`; `who` is what every first frame begins with.
/// Errors: std::bad_alloc.
[[nodiscard]] Preparation askForPreparation(const std::string& socket, std::string_view who);

/// Leaves the state of a program that has left to the one that takes its place. Whether the server keeps it; asked as above.
[[nodiscard]] bool leaveState(const std::string& socket, std::string who, const SavedState& state);

} // namespace tenon::attach
