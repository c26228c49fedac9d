#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace tenon::tests
{

/// How one kind of bad peer behaves on a connection: what it sends, and what it does about the answers.
struct Manner
{
    std::string name;
    std::string opening;    ///< sent once
    std::string repetition; ///< then this again and again; empty: nothing more
    enum class Reading
    {
        NEVER,
        SLOWLY, ///< some bytes a second
        WHOLLY
    } reading = Reading::NEVER;
    bool drips = false; ///< sends a byte a second
    /// Makes the repetition of the headers of the first answer, such as a session's id; empty: it does not look.
    std::function<std::string(const std::string& head)> follow;
};

/// Many bad peers at once, each on one connection after the other, as fast as the server lets them.
///
/// Threading: one thread.
class Hostile
{
public:
    /// Shape: `count` connections share the manners; they come from `addresses` addresses of the loopback network, from
    ///        127.1.0.1 on. With `nice` they leave the processors to others, as peers elsewhere would.
    Hostile(std::uint16_t port, std::vector<Manner> manners, std::size_t count, unsigned addresses, int nice);
    ~Hostile(); ///< closes them all
    Hostile(const Hostile&) = delete;
    Hostile& operator=(const Hostile&) = delete;

    [[nodiscard]] std::uint64_t connections() const { return _connections; }
    [[nodiscard]] std::uint64_t bytesSent() const { return _sent; }
    [[nodiscard]] std::uint64_t bytesReceived() const { return _received; }

private:
    struct Peer;

    void run(std::size_t first, std::size_t count);
    bool connect(Peer& peer, std::size_t number);
    bool act(Peer& peer);

    const std::uint16_t _port;
    const std::vector<Manner> _manners;
    const unsigned _addresses;
    const int _nice;
    std::atomic<bool> _ending{false};
    std::atomic<std::uint64_t> _connections{0}, _sent{0}, _received{0};
    std::vector<std::thread> _threads;
};

/// Raises the limit of descriptors of this process, and of those that it starts, as far as it may.
void allowManyDescriptors();

} // namespace tenon::tests
