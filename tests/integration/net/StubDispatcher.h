#pragma once

#include "mcp/dispatch/Dispatcher.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace tenon::mcp
{

/// What the front's tests need of the protocol: stands in for the room mcp at link time.
///
/// A message is any text; what it holds decides what happens:
///   "echo"        the body comes back as the answer
///   "fixed"       a short fixed answer
///   "big"         an answer of 100,000 bytes
///   "huge"        one of 32 MB
///   "notify"      no answer
///   "bad"         INVALID_REQUEST
///   "progress"    two messages, then the answer
///   "hurries"     the same within a tenth of a millisecond, though a quick reader could read each by itself
///   "works"       sends a message, and holds the thread until `release`
///   "leaves"      sends a message, and answers when told to
///   "block"       holds the thread until `release` (WOULD_BLOCK if it may not)
///   "later"       answers from another thread
///   "stays"       the same, but holds this one until `release`
///   "lingers"     answers, and holds the thread until `release`
///   "dawdles"     answers, and holds the thread for some milliseconds
///   "listen"      opens a stream that lasts
///   "racing"      one thread sends messages while another answers
///   "never"       answers when told to, or when the peer goes
struct Services
{
    std::mutex mutex;
    std::condition_variable changed;
    bool released = false;
    int blocked = 0;
    int disconnects = 0;
    std::vector<ResponseSinkPtr> kept; ///< of "never" and of streams
    std::vector<std::thread> threads;
    std::map<std::string, std::shared_ptr<Session>> sessions;
    std::vector<std::string> bodies;
    bool keepBodies = false;
    bool holdInitialize = false; ///< until `release`

    ~Services();
    void release();
};

class Session
{
public:
    std::string id;
    std::string principal;
    ResponseSinkPtr stream;
    bool ended = false;
};

} // namespace tenon::mcp
