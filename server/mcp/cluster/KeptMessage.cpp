#include "mcp/cluster/KeptMessage.h"

namespace tenon::mcp
{

namespace
{

/// What handling a message may read, beside the `Mcp-Param-*` of tools, which never wait here.
constexpr std::string_view NAMES[] = {"Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name",
                                      "traceparent",    "tracestate",           "baggage"};

/// How a letter says the way a message came; whoever does not know a number takes it for HTTP.
std::uint64_t numberOf(Transport transport)
{
    return transport == Transport::STDIO ? 1 : transport == Transport::WEBSOCKET ? 2 : 0;
}

Transport transportOf(std::uint64_t number)
{
    return number == 1 ? Transport::STDIO : number == 2 ? Transport::WEBSOCKET : Transport::STREAMABLE_HTTP;
}

/// Permissions of who is known by id only.
class Nothing final : public base::Permissions
{
public:
    [[nodiscard]] bool allows(base::Access, std::string_view, bool) const override { return false; }
    [[nodiscard]] bool allowsEverything() const override { return false; }
};

} // namespace

void addPrincipal(Letter& letter, const base::Principal& principal)
{
    letter.add(principal.id).add(principal.name).add(principal.type);
}

base::PrincipalPtr principalIn(const Letter& letter, std::size_t at)
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = letter.field(at);
    principal->name = letter.field(at + 1);
    principal->type = letter.field(at + 2);
    principal->permissions = std::make_shared<Nothing>();
    return principal;
}

KeptMessage::KeptMessage(const IncomingMessage& incoming)
    : session(incoming.sessionAsked), task(incoming.taskAsked), _body(incoming.body), _transport(incoming.transport),
      _principal(incoming.principal), _hasHeaders(incoming.headers != nullptr), _session(incoming.session),
      _address(incoming.clientAddress), _holder(incoming.allowance.holder), _allowance(incoming.allowance)
{
    _allowance.holder = _holder;
    for (const auto name : NAMES)
        if (std::string_view value; incoming.headers && incoming.headers->header(name, value))
            _headers.add(name, value);
}

KeptMessage::KeptMessage(const Letter& letter, std::size_t at)
    : _body(letter.field(at)), _transport(transportOf(letter.number(at + 1))), _principal(principalIn(letter, at + 3)),
      _hasHeaders(letter.number(at + 1) == 0), _address(letter.field(at + 2))
{
    for (std::size_t next = at + 3 + PRINCIPAL_FIELDS; !letter.field(next).empty(); next += 2)
        _headers.add(letter.field(next), letter.field(next + 1));
}

void KeptMessage::write(Letter& letter) const
{
    letter.add(_body).addNumber(numberOf(_transport)).add(_address);
    addPrincipal(letter, *_principal);
    const base::HeaderFields& fields = _headers.fields();
    for (std::size_t i = 0; i < fields.fieldCount(); ++i)
        letter.add(fields.field(i).name).add(fields.field(i).value);
}

IncomingMessage KeptMessage::message() const
{
    IncomingMessage message;
    message.body = _body;
    message.transport = _transport;
    message.principal = _principal;
    message.session = _session;
    message.headers = _hasHeaders ? &_headers.fields() : nullptr;
    message.clientAddress = _address;
    message.allowance = _allowance;
    message.sessionAsked = session;
    message.taskAsked = task;
    return message;
}

} // namespace tenon::mcp
