#pragma once

#include "base/limits/Budget.h"
#include "base/limits/HolderBudgets.h"
#include "net/connection/ConnectionInput.h"
#include "net/http/ChunkedDecoder.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tenon::net
{

struct FrontState;
struct Scratch;

/// Makes requests of the bytes of one connection.
///
/// Bytes come into the thread's scratch and are looked at there; a buffer of its own exists only while a message is
/// incomplete or has to wait, and counts against the budget: what a head needs is of the connection, what is more of who
/// sends it. A body is read once its head has been admitted, and no further than it was allowed to.
///
/// The round: `next` until it finds nothing; after HEAD `expectBody`, after REQUEST `done`, or `keep` to see the same
/// request again. `keep` before another thread goes on.
///
/// Errors:    std::bad_alloc from `next` and `keep`: there is no memory for the message.
/// Threading: the owner of the connection.
class RequestReader
{
public:
    enum class Found : std::uint8_t
    {
        NOTHING, ///< more bytes are needed; what is here is kept
        HEAD,    ///< a head is complete: in `Scratch::head`
        REQUEST, ///< and its body too
        END,     ///< the peer sends no more
        FAULT    ///< `fault`; nothing that follows can be understood
    };

    struct Fault
    {
        int status = 0;
        std::string_view reason; ///< for the client; static
    };

    /// Shape: `peer` is the holder of what comes before anybody is known. Ownership: borrows both.
    RequestReader(FrontState& front, std::string_view peer) : _front(front), _peer(peer) {}

    /// Reads from the socket once at most, if what is here is not enough.
    [[nodiscard]] Found next(ConnectionInput& input, Scratch& scratch);
    [[nodiscard]] const Fault& fault() const { return _fault; }

    /// After HEAD: `most` bytes of body may follow, of `holder`. False with `fault` if it is announced to be larger, or
    /// there is no memory for it.
    [[nodiscard]] bool expectBody(const Scratch& scratch, std::size_t most, std::string_view holder,
                                  const base::HolderLimits& limits);

    /// After HEAD: no body is read; what is here of it is skipped. False if there is more to come, so that nothing
    /// behind it can be read.
    [[nodiscard]] bool skipBody(const Scratch& scratch);

    /// After `expectBody`: all of the body is here; none of it.
    [[nodiscard]] bool whole() const { return _phase == Phase::WHOLE; }
    [[nodiscard]] bool onlyHead() const { return size() == _headLength; }

    /// After REQUEST; borrowed until `done` or `keep`. JSON may be parsed in place: PADDING bytes follow.
    [[nodiscard]] std::string_view body() const { return {at() + _headLength, _bodyLength}; }

    void done();

    /// After REQUEST, if whoever has it stays in it while another thread goes on with what follows, by `keep`: gives what
    /// the first may still look at; null: its own scratch. Errors: std::bad_alloc.
    [[nodiscard]] std::shared_ptr<const void> goOnBehind();

    /// Takes what is left in the scratch along. False if the budget has no room for it.
    [[nodiscard]] bool keep();

    /// Bytes of the next message, or what has been read of it, are at hand.
    [[nodiscard]] bool begun() const { return _left > 0 || _own != nullptr; }
    [[nodiscard]] bool inHead() const { return _phase == Phase::HEAD; }
    /// When the message at hand began; a body's time begins anew.
    [[nodiscard]] std::uint32_t sinceMs() const { return _own ? _own->sinceMs : 0; }

    void drop();

private:
    enum class Phase : std::uint8_t
    {
        HEAD,
        LENGTH, ///< a body of known length
        CHUNKED,
        WHOLE ///< REQUEST was found
    };

    /// A message that is not complete, or waits for a thread; what came behind it too.
    struct Own
    {
        explicit Own(base::Budget& budget) : share(budget) {}

        base::BudgetShare share;  ///< what a head may need
        base::HolderShare beyond; ///< the rest
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
        std::size_t begin = 0; ///< where the message begins
        std::size_t size = 0;  ///< bytes from there on
        std::size_t scanned = 0;
        std::uint32_t sinceMs = 0;
        ChunkedDecoder decoder;
    };

    [[nodiscard]] const char* at() const { return _own ? _own->bytes.get() + _own->begin : _window; }
    [[nodiscard]] std::size_t size() const { return _own ? _own->size : _left; }
    [[nodiscard]] bool count(std::size_t total);
    [[nodiscard]] bool reserve(std::size_t wanted);
    Found look(Scratch& scratch);
    Found head(Scratch& scratch);
    Found bodyOfLength(Scratch& scratch);
    Found chunks(Scratch& scratch);
    Found found(Scratch& scratch);
    bool refuse(int status, std::string_view reason);

    FrontState& _front;
    const std::string_view _peer;
    const char* _window = nullptr; ///< in the scratch; only while one thread serves
    std::size_t _left = 0;         ///< bytes there
    std::unique_ptr<Own> _own;
    std::size_t _headLength = 0;
    std::size_t _bodyLength = 0; ///< LENGTH: announced; CHUNKED: decoded so far
    std::size_t _end = 0;        ///< where the next message begins; 0: not known yet
    std::size_t _most = 0;       ///< of the body
    Fault _fault;
    Phase _phase = Phase::HEAD;
    bool _hungry = false;      ///< what is here has been looked at, and is not enough
    bool _headIsFresh = false; ///< `Scratch::head` is that of the message at hand
};

} // namespace tenon::net
