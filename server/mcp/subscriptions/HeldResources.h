#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::mcp
{

/// Which resources somebody wants to hear of. Plugins learn of the first who does and of the last who goes.
///
/// No lock is held while a plugin's function runs: who comes for a resource whose plugin is being told waits for that
/// resource alone, and not for longer than a request may take.
///
/// Threading: any thread.
/// Ownership: borrows the source of catalogues.
class HeldResources
{
public:
    HeldResources(const plugin::CatalogueSource& catalogue, std::int64_t patienceMs);

    /// One more wants to hear of it. False if there is no such resource, its plugin refuses, or does not answer.
    [[nodiscard]] bool hold(const std::string& uri);
    void release(const std::string& uri); ///< one fewer

    /// Plugins were replaced: their successors are told.
    void followCatalogue();

private:
    struct Held
    {
        std::string uri; ///< as the plugin was told: in its own form if it is listed, else in that of the first client
        std::size_t holders = 0;
        std::weak_ptr<plugin::Instance> instance; ///< that was told
        bool telling = false;                     ///< a plugin is being told; whoever began it ends it
    };

    struct Home
    {
        plugin::InstancePtr instance; ///< null: there is no such resource
        std::string uri;              ///< as the plugin knows it
    };

    [[nodiscard]] Home homeOf(const std::string& uri) const;
    [[nodiscard]] bool awaitTurn(std::unique_lock<std::mutex>& lock, const std::string& uri);
    void move(const std::string& uri);

    const plugin::CatalogueSource& _catalogue;
    const std::int64_t _patienceMs;

    std::mutex _mutex; // guards all below
    std::condition_variable _told;
    std::unordered_map<std::string, Held> _held; ///< by base::normalUri: however it is escaped, it is one
};

} // namespace tenon::mcp
