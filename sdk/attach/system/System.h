#pragma once

#include "plugin/worker/channel/ByteStream.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenon::attach
{

/// Why there is no connection.
struct NoConnection
{
    std::string reason;
    bool isBusy = false; ///< there is a server, which cannot take one more at the moment
};

/// A connection to the server at `place`, or null and why not.
[[nodiscard]] plugin::ByteStreamPtr connectTo(const std::string& place, NoConnection& why);

/// Where a server of this system listens if it is told nothing else, the likeliest place first.
[[nodiscard]] std::vector<std::string> usualPlaces();

/// Closes a socket in every child that this process is copied into (`fork`) from its construction to its end: the server hears
/// of the program's end, and not of the end of the last child.
class KeptFromChildren
{
public:
    /// Shape: `descriptor` as of `ByteStream`.
    explicit KeptFromChildren(int descriptor);
    ~KeptFromChildren();
    KeptFromChildren(const KeptFromChildren&) = delete;
    KeptFromChildren& operator=(const KeptFromChildren&) = delete;

private:
    const int _descriptor;
};

/// Starts a thread that no signal of the program is delivered to. False if there can be none.
[[nodiscard]] bool startThread(std::function<void()> body);

/// The number of this process.
[[nodiscard]] std::uint64_t ownProcess();

} // namespace tenon::attach
