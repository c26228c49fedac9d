#pragma once

#include "ops/doctor/DoctorClient.h"

#include <iosfwd>
#include <string>
#include <string_view>

namespace tenon::ops
{

/// The findings, as they are printed.
///
/// Threading: one thread. Ownership: borrows the stream.
class Findings
{
public:
    explicit Findings(std::ostream& out) : _out(out) {}

    void ok(std::string_view text);
    void note(std::string_view text);
    void warn(std::string_view text);
    void fail(std::string_view text); ///< says what to change

    [[nodiscard]] int failures() const { return _failures; }

private:
    void line(std::string_view mark, std::string_view text);

    std::ostream& _out;
    int _failures = 0;
};

/// What the checks share.
struct Patient
{
    DoctorClient& client;
    Findings& findings;
    Poco::URI url; ///< of the endpoint
    bool loopback = false;
    bool given = false;  ///< credentials were
    bool locked = false; ///< the endpoint wants credentials we do not have
};

// One check each, in the order in which they make sense. Threading: one thread.

/// False: nothing answers, all further checks are in vain.
[[nodiscard]] bool checkHealth(Patient& patient);
void checkTls(Patient& patient);
void checkModern(Patient& patient);
void checkLegacy(Patient& patient);
/// Shape: `refusal` is the answer that asked for credentials; `why` those that were given were refused.
void checkMetadata(Patient& patient, const Poco::Net::HTTPResponse& refusal, const std::string& why);
void checkNames(Patient& patient);
void checkCors(Patient& patient);
void checkStream(Patient& patient);

} // namespace tenon::ops
