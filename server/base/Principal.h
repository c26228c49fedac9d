#pragma once

#include "base/limits/HolderLimits.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::base
{

/// The kinds of access that permissions govern.
enum class Access
{
    TOOL,
    RESOURCE, ///< by URI
    PROMPT,
    STATS,    ///< `GET /stats` and ending sessions
    BROADCAST ///< `POST /broadcast`
};

/// Decides what a principal may see and use. One rule serves lists and calls.
///
/// Threading: any thread; implementations are immutable.
class Permissions
{
public:
    virtual ~Permissions() = default;

    /// Shape: `name` is a tool's or prompt's name, or a resource's URI, empty for STATS and BROADCAST; `readOnly` is the
    ///        tool's `readOnlyHint` (resources and prompts are read-only).
    [[nodiscard]] virtual bool allows(Access access, std::string_view name, bool readOnly) const = 0;

    /// True if `allows` says yes to every tool, resource and prompt: lists need no filter then.
    [[nodiscard]] virtual bool allowsEverything() const = 0;
};

/// A token that a server behind this one may be shown, because it is made out to that one too.
struct ForwardedToken
{
    std::string text;
    std::vector<std::string> audiences; ///< for which it may leave
};

using ForwardedTokenPtr = std::shared_ptr<const ForwardedToken>;

/// Who sent a request. Sessions, replay, tasks and `requestState` belong to the principal that made them, found again
/// by `id`.
///
/// Threading: immutable, shared.
struct Principal
{
    std::string id;   ///< stable over restarts and machines; never a secret. "anonymous" without authentication
    std::string name; ///< for logs
    std::string type; ///< "master", "team", "readonly" or the operator's own
    std::map<std::string, std::string> claims;      ///< of a token, for logs and plugins; may be empty
    std::shared_ptr<const Permissions> permissions; ///< null: everything is allowed
    bool mayAskForMore = false; ///< its token can be exchanged for one that allows more: what it may not use is refused
                                ///< with a word on how, where it is hidden from others

    HolderLimits limits{}; ///< of its type: what it may have at a time

    /// What proved the identity, if a server behind this one is to get it (`upstream.<name>.auth = forward`); null: it is
    /// not kept.
    ForwardedTokenPtr token{};

    /// When what proved the identity ends: a stream that is open then is closed, as a new request would be refused.
    std::chrono::steady_clock::time_point expiresAt = std::chrono::steady_clock::time_point::max();

    [[nodiscard]] bool may(Access access, std::string_view what, bool readOnly) const
    {
        return !permissions || permissions->allows(access, what, readOnly);
    }
    [[nodiscard]] bool anonymous() const { return id == "anonymous"; }
    [[nodiscard]] bool mayEverything() const { return !permissions || permissions->allowsEverything(); }
};

using PrincipalPtr = std::shared_ptr<const Principal>;

} // namespace tenon::base
