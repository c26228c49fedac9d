#pragma once

#include "base/limits/Quota.h"
#include "guard/Admission.h"
#include "net/http/RequestHead.h"
#include "net/route/Router.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::net
{

struct FrontState;
struct Scratch;

/// What is decided about a request when its head has been read, before any of its body is: where it goes, who asks, how
/// much body may follow.
///
/// Threading: one thread at a time; a connection has one for each request it checks.
class HeadCheck
{
public:
    /// The way of a request that was let in.
    struct Verdict
    {
        const Route* route = nullptr;
        std::string_view rest;                 ///< of the path behind a route that ends in `/*`; borrows the head
        guard::Admission* admission = nullptr; ///< the thread's own, or that of a Kept; null: not asked for
        std::size_t bodyBytes = 0;             ///< that may follow; 0: this method has no body here
        bool goesOn = true;                    ///< nothing unread is left behind the request
    };

    /// The verdict on a request that is incomplete, or waits for a thread, with what it borrows: the head moves, and the
    /// thread admits others meanwhile.
    struct Kept
    {
        explicit Kept(const Verdict& given)
            : rest(given.rest), clientAddress(given.admission->clientAddress),
              admission(std::exchange(*given.admission, {})), verdict(given)
        {
            verdict.rest = rest;
            verdict.admission = &admission;
            admission.clientAddress = clientAddress;
        }
        Kept(const Kept&) = delete;
        Kept& operator=(const Kept&) = delete;

        const std::string rest, clientAddress;
        guard::Admission admission;
        Verdict verdict;
    };

    /// Borrows everything; `held` is the connection's place in its holder's quota.
    HeadCheck(FrontState& front, std::string_view peer, bool secure, std::string_view tlsSubject,
              base::Quota::HeldPtr& held)
        : _front(front), _peer(peer), _secure(secure), _tlsSubject(tlsSubject), _held(held)
    {
    }

    /// True with `verdict`, and the admission in the scratch; else `reply` is the answer.
    [[nodiscard]] bool admit(Scratch& scratch, Verdict& verdict, guard::Reply& reply);

    /// After a reply: the connection is one too many, and ends with it.
    [[nodiscard]] bool endsConnection() const { return _ends; }

private:
    [[nodiscard]] bool holdFor(const guard::Admission& admission);

    FrontState& _front;
    const std::string_view _peer;
    const bool _secure;
    const std::string_view _tlsSubject;
    base::Quota::HeldPtr& _held;
    bool _ends = false;
};

/// The answer to bytes that are no request, to one that is too large or too late, or that there is no memory for.
[[nodiscard]] guard::Reply faultOf(int status, std::string_view message);

/// An answer of the form {"error":…,"message":…}.
[[nodiscard]] guard::Reply refusalOf(int status, std::string_view message, std::string_view reason,
                                     guard::HeaderPairs headers = {});

} // namespace tenon::net
