#pragma once

#include <Poco/Channel.h>

namespace tenon::ops
{

/// Writes lines to standard error, which may be a pipe that nobody reads: it then gives up instead of waiting for ever.
///
/// Errors:    Poco::WriteFileException if the reader has gone, or takes nothing for a moment; the rest of a line that was
///            begun is left out.
/// Threading: one thread.
class StderrChannel : public Poco::Channel
{
public:
    /// Shape: `descriptor` is borrowed.
    explicit StderrChannel(int descriptor = 2) : _descriptor(descriptor) {}

    void log(const Poco::Message& message) override;

private:
    void write(const std::string& bytes);

    const int _descriptor;
    bool _midLine = false; ///< the last line was cut off
};

} // namespace tenon::ops
