#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::tests
{

/// A plugin whose functions are lambdas of the test.
///
/// Threading: any thread; the functions that are members are set before the catalogue that offers them.
class FakePlugin : public plugin::Instance
{
public:
    /// What a plugin's function does with its call; the status it returns.
    using Function = std::function<tenon_status(const plugin::CallBackendPtr&)>;

    Function read, complete, readDirectory;
    std::function<tenon_status(std::string_view)> onSubscribe;
    std::atomic<bool> keepsOrders{false}; ///< orders are answered by `answerOrders`, not at once

    /// Both give the index under which the function is entered.
    std::uint32_t addTool(Function function) { return add(_tools, std::move(function)); }
    std::uint32_t addPrompt(Function function) { return add(_prompts, std::move(function)); }

    [[nodiscard]] const std::string& name() const override { return _name; }

    tenon_status enter(plugin::Target target, std::uint32_t index, const plugin::CallBackendPtr& call) override
    {
        const auto function = target == plugin::Target::TOOL         ? at(_tools, index)
                              : target == plugin::Target::PROMPT     ? at(_prompts, index)
                              : target == plugin::Target::RESOURCE   ? read
                              : target == plugin::Target::COMPLETION ? complete
                                                                     : readDirectory;
        return function(call);
    }
    [[nodiscard]] bool mayBlock() const override { return true; }

    void subscribe(std::string uri, plugin::OrderDone done) override
    {
        {
            std::lock_guard lock(_mutex);
            _orders.push_back('+' + uri);
            if (keepsOrders)
            {
                _kept.push_back(std::move(done));
                return;
            }
        }
        done(onSubscribe ? onSubscribe(uri) : TENON_OK);
    }
    void unsubscribe(std::string uri) override
    {
        std::lock_guard lock(_mutex);
        _orders.push_back('-' + uri);
    }

    /// Answers the orders that were kept, on this thread; how many those were.
    std::size_t answerOrders(tenon_status status)
    {
        std::vector<plugin::OrderDone> kept;
        {
            std::lock_guard lock(_mutex);
            kept.swap(_kept);
        }
        for (const auto& done : kept)
            done(status);
        return kept.size();
    }

    /// "+uri" and "-uri" in the order in which they came.
    [[nodiscard]] std::vector<std::string> orders() const
    {
        std::lock_guard lock(_mutex);
        return _orders;
    }

private:
    std::uint32_t add(std::vector<Function>& functions, Function function)
    {
        std::lock_guard lock(_mutex);
        functions.push_back(std::move(function));
        return static_cast<std::uint32_t>(functions.size() - 1);
    }
    /// A copy: a test may add functions while another one runs.
    Function at(const std::vector<Function>& functions, std::uint32_t index) const
    {
        std::lock_guard lock(_mutex);
        return functions.at(index);
    }

    const std::string _name = "fake";
    mutable std::mutex _mutex; // guards all below
    std::vector<Function> _tools, _prompts;
    std::vector<std::string> _orders;
    std::vector<plugin::OrderDone> _kept;
};

/// A source of catalogues that the test replaces.
class FakeCatalogues : public plugin::CatalogueSource
{
public:
    [[nodiscard]] plugin::CataloguePtr current() const override
    {
        std::lock_guard lock(_mutex);
        return _current;
    }
    void addListener(plugin::CatalogueListener& listener) override
    {
        std::lock_guard lock(_listenersMutex);
        _listeners.push_back(&listener);
    }
    void removeListener(plugin::CatalogueListener& listener) override
    {
        std::lock_guard lock(_listenersMutex);
        _listeners.erase(std::remove(_listeners.begin(), _listeners.end(), &listener), _listeners.end());
    }

    void set(const plugin::CataloguePtr& catalogue, bool tools = false, bool resources = false, bool prompts = false)
    {
        {
            std::lock_guard lock(_mutex);
            _current = catalogue;
        }
        std::lock_guard lock(_listenersMutex);
        for (auto* listener : _listeners)
            listener->catalogueChanged(catalogue, tools, resources, prompts);
    }
    void resourceUpdated(std::string_view uri)
    {
        std::lock_guard lock(_listenersMutex);
        for (auto* listener : _listeners)
            listener->resourceUpdated(uri);
    }

private:
    mutable std::mutex _mutex; // guards _current
    plugin::CataloguePtr _current;
    std::mutex _listenersMutex; // guards _listeners
    std::vector<plugin::CatalogueListener*> _listeners;
};

} // namespace tenon::tests
