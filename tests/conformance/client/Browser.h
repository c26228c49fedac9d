#pragma once

#include "client/http/HttpConnections.h"

#include <string>
#include <thread>
#include <vector>

/// A user who agrees to everything: opens a page, and goes wherever it sends them.
class Browser
{
public:
    explicit Browser(tenon::client::HttpConnections& connections) : _connections(connections) {}
    ~Browser();
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    /// Returns at once.
    void open(const std::string& url);

private:
    void follow(std::string url) const;

    tenon::client::HttpConnections& _connections;
    std::vector<std::thread> _pages;
};
