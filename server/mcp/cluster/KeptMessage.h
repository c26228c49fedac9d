#pragma once

#include "base/text/KeptHeaderFields.h"
#include "mcp/cluster/Letter.h"
#include "mcp/messages/IncomingMessage.h"

#include <memory>
#include <string>

namespace tenon::mcp
{

/// A message whose transport has gone on: it is handled later here, or by another instance.
///
/// Threading: constant after construction, but for what is known of it.
class KeptMessage
{
public:
    explicit KeptMessage(const IncomingMessage& incoming);

    /// As another instance handed it over, with who sent it, who may use nothing here: only what asks for no permission
    /// travels.
    KeptMessage(const Letter& letter, std::size_t at);

    /// For `KeptMessage(letter, at)`.
    void write(Letter& letter) const;

    /// Borrows this.
    [[nodiscard]] IncomingMessage message() const;

    [[nodiscard]] const base::PrincipalPtr& principal() const { return _principal; }
    [[nodiscard]] const Allowance& allowance() const { return _allowance; }

    Asked session = Asked::NOT, task = Asked::NOT; ///< what is known by now

private:
    std::string _body;
    Transport _transport = Transport::STREAMABLE_HTTP;
    base::PrincipalPtr _principal;
    base::KeptHeaderFields _headers;
    bool _hasHeaders = true;
    std::shared_ptr<Session> _session; ///< of a connection that has one
    std::string _address, _holder;
    Allowance _allowance;
};

using KeptMessagePtr = std::shared_ptr<KeptMessage>;

/// Who sent what another instance hands over, by id: all that its letter says.
void addPrincipal(Letter& letter, const base::Principal& principal);
[[nodiscard]] base::PrincipalPtr principalIn(const Letter& letter, std::size_t at);
inline constexpr std::size_t PRINCIPAL_FIELDS = 3;

} // namespace tenon::mcp
