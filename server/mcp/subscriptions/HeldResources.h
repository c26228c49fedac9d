#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon::mcp
{

/// Which resources somebody wants to hear of. Plugins learn of the first who does and of the last who goes.
///
/// A URI is the same however it is escaped; its plugin hears of it in the form that it knows.
///
/// Nobody waits: whoever comes for a resource whose plugin is being told is told of the outcome with the others, within
/// the plugin's deadline. No lock is held while a plugin's function, or somebody's `Done`, runs.
///
/// Threading: any thread.
/// Ownership: borrows the source of catalogues until `close` has returned; plugins may still end their orders after that.
class HeldResources : public std::enable_shared_from_this<HeldResources>
{
public:
    /// The plugin's answer; from TENON_OK on the resource is held until `release`. TENON_ERROR_NOT_FOUND if there is no
    /// such resource.
    using Done = std::function<void(tenon_status)>;

    explicit HeldResources(const plugin::CatalogueSource& catalogue) : _catalogue(catalogue) {}

    /// One more wants to hear of it. `done` is called once, now or later, on any thread.
    void hold(const std::string& form, Done done);
    void release(const std::string& form); ///< one fewer

    /// Plugins were replaced: their successors are told.
    void followCatalogue();

    /// Tells whoever still waits TENON_ERROR_CANCELLED; returns when nobody's `Done` runs any more.
    void close();

    /// Runs `work` unless it is closed; `close` waits for that, too.
    void unlessClosed(const std::function<void()>& work);

private:
    struct Held
    {
        std::string uri; ///< as the plugin knows it, or as it was asked for
        std::size_t holders = 0;
        std::weak_ptr<plugin::Instance> instance; ///< that was told
        bool telling = false;                     ///< a plugin is being told; whoever began it ends it
        bool moved = false;                       ///< meanwhile plugins were replaced
        std::vector<Done> waiting;                ///< to be told what the plugin says
    };

    struct Home
    {
        plugin::InstancePtr instance; ///< null: there is no such resource
        std::string uri;              ///< as the plugin knows it
    };

    // Shape: `key` is a base::normalUri.
    [[nodiscard]] Home homeOf(const std::string& uri) const;
    void tell(const std::string& key, const Home& home);
    void told(const std::string& key, const std::weak_ptr<plugin::Instance>& instance, tenon_status status);
    void dismiss(const std::string& key, const Home& home);
    void move(const std::string& key);
    void run(const std::function<void()>& work);

    const plugin::CatalogueSource& _catalogue;

    std::mutex _mutex; // guards all below
    std::condition_variable _quiet;
    std::unordered_map<std::string, Held> _held; ///< by base::normalUri
    std::size_t _running = 0;                    ///< what `close` waits for
    bool _closed = false;
};

} // namespace tenon::mcp
