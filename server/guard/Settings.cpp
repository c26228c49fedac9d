#include "guard/Gate.h"

namespace tenon::guard
{

std::vector<base::SettingSpec> settings()
{
    using enum base::SettingType;
    constexpr bool RELOADABLE = true;
    return {
        {"http.allowedHosts", LIST, "", "",
         "Host names the server answers to besides its own; globs; on loopback all others are refused, * turns that "
         "off",
         RELOADABLE},
        {"http.allowedOrigins", LIST, "", "",
         "Web pages that may use the server: https://app.example, globs, null, or * for all", RELOADABLE},
        {"http.trustedProxies", LIST, "", "",
         "Addresses or ranges of proxies whose forwarding headers are believed: 127.0.0.1, 10.0.0.0/8", RELOADABLE},
        {"http.forwardedHeader", CHOICE, "x-forwarded", "x-forwarded|forwarded",
         "Which headers the trusted proxies set: X-Forwarded-* or the standard Forwarded; the others are ignored",
         RELOADABLE},
        {"http.publicUrl", TEXT, "", "",
         "How clients reach the server, without the endpoint's path: https://mcp.example; its host and origin are "
         "allowed",
         RELOADABLE},
        {"http.cors", BOOLEAN, "true", "", "Answer allowed web pages with the headers of CORS", RELOADABLE},
        {"http.corsCredentials", BOOLEAN, "false", "",
         "Let listed web pages send cookies and client certificates; never those allowed by *", RELOADABLE},
        {"http.corsMaxAgeMs", INTEGER, "600000", "0..86400000", "How long browsers may remember a preflight",
         RELOADABLE},

        {"auth.type", LIST, "none", "",
         "How clients prove who they are, several at once: none, bearer, basic, apikey, jwt, oauth, certificate",
         RELOADABLE},
        {"auth.allowAnonymous", BOOLEAN, "false", "",
         "Allow listening on an address that others can reach without any authentication"},
        {"auth.queryToken", BOOLEAN, "false", "",
         "Accept a token as ?token= on the streams of the HTTP+SSE transport and on WebSockets, for browsers",
         RELOADABLE},
        {"auth.token.*.sha256", TEXT, "", "", "SHA-256 of a token, in hexadecimal: printf %s TOKEN | sha256sum",
         RELOADABLE},
        {"auth.token.*.type", TEXT, "team", "", "Type of who holds the token: master, team, readonly or an own one",
         RELOADABLE},
        {"auth.token.*.permissions", LIST, "", "",
         "Narrows what the type allows: tool:<glob>, resource:<glob>, prompt:<glob>, readonly, stats, broadcast, *",
         RELOADABLE},
        {"auth.token.*.expires", TEXT, "", "", "When the token ends, ISO 8601: 2027-01-31T00:00:00Z; empty: never",
         RELOADABLE},
        {"auth.user.*.password", TEXT, "", "", "Password for auth.type=basic, as `tenon hash-password` prints it",
         RELOADABLE},
        {"auth.user.*.type", TEXT, "team", "", "Type of the user", RELOADABLE},
        {"auth.user.*.permissions", LIST, "", "", "Narrows what the type allows", RELOADABLE},
        {"auth.apikey.header", TEXT, "X-API-Key", "", "Header that carries the token with auth.type=apikey",
         RELOADABLE},
        {"auth.certificate.type", TEXT, "team", "",
         "Type of clients with a verified certificate whose subject is not listed; empty: they are refused",
         RELOADABLE},
        {"auth.certificate.*.subject", TEXT, "", "", "Subject of a client certificate: CN=ci,O=Example", RELOADABLE},
        {"auth.certificate.*.type", TEXT, "team", "", "Type of that client", RELOADABLE},
        {"auth.certificate.*.permissions", LIST, "", "", "Narrows what the type allows", RELOADABLE},

        {"auth.jwt.secretFile", PATH, "", "",
         "File with the shared secret for HS256, HS384 and HS512, 32 bytes or more", RELOADABLE},
        {"auth.jwt.keyFile", PATH, "", "", "File with public keys: PEM (keys or certificates) or a JSON Web Key Set",
         RELOADABLE},
        {"auth.jwt.jwksUrl", TEXT, "", "", "Where the issuer publishes its keys; with oauth found by itself if empty",
         RELOADABLE},
        {"auth.jwt.jwksRefreshMs", INTEGER, "300000", "10000..86400000", "How often the keys are fetched anew",
         RELOADABLE},
        {"auth.jwt.algorithms", LIST, "", "",
         "Signature algorithms to accept, of HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512; empty: "
         "what "
         "the keys are for",
         RELOADABLE},
        {"auth.jwt.issuers", LIST, "", "", "Issuers (iss) to accept; empty: any, with oauth the authorization servers",
         RELOADABLE},
        {"auth.jwt.audience", LIST, "", "", "Audiences (aud) this server answers to, besides its public URL",
         RELOADABLE},
        {"auth.jwt.clockSkewMs", INTEGER, "30000", "0..600000", "How far the issuer's clock may be off", RELOADABLE},
        {"auth.jwt.typeClaim", TEXT, "type", "", "Claim that holds the type of the principal", RELOADABLE},
        {"auth.jwt.permissionsClaim", TEXT, "permissions", "",
         "Claim that narrows what the type allows: a list or a text with spaces", RELOADABLE},
        {"auth.jwt.defaultType", TEXT, "readonly", "", "Type of principals whose token names none; empty: refuse them",
         RELOADABLE},
        {"auth.oauth.authorizationServers", LIST, "", "", "Issuer URLs of the authorization servers clients may use",
         RELOADABLE},
        {"auth.oauth.requiredScopes", LIST, "", "", "Scopes every token must have", RELOADABLE},
        {"auth.oauth.scopeTypes", LIST, "", "",
         "Which scope makes which type, the first that fits: mcp:admin=master, mcp:tools=team", RELOADABLE},
        {"auth.oauth.scopesSupported", LIST, "", "",
         "Scopes told to clients; empty: the required ones and the last of scopeTypes, the least", RELOADABLE},
        {"auth.oauth.resourceName", TEXT, "Tenon", "", "Name of this server for people who are asked to consent",
         RELOADABLE},

        {"auth.types.*.tools", LIST, "", "",
         "Tools of a type, by glob; !<glob> takes away. A type may use what its three lists name and nothing else; a "
         "built-in one without any of them may use everything",
         RELOADABLE},
        {"auth.types.*.resources", LIST, "", "", "Resources of a type, by glob of the URI (* stops at /, ** does not)",
         RELOADABLE},
        {"auth.types.*.prompts", LIST, "", "", "Prompts of a type, by glob", RELOADABLE},
        {"auth.types.*.readOnly", BOOLEAN, "false", "", "Only tools that say readOnlyHint (default of readonly: true)",
         RELOADABLE},
        {"auth.types.*.stats", BOOLEAN, "false", "", "See statistics, end sessions (default of master: true)",
         RELOADABLE},
        {"auth.types.*.broadcast", BOOLEAN, "false", "", "Send to all (default of master: true)", RELOADABLE},
        {"auth.types.*.rate", INTEGER, "0", "0..1000000",
         "Requests a minute for each principal of the type; 0: no limit", RELOADABLE},
        {"auth.types.*.maxConnections", INTEGER, "0", "0..1000000",
         "Connections of each principal at a time; 0: no limit", RELOADABLE},
        {"auth.types.*.maxSessions", INTEGER, "0", "0..1000000",
         "Sessions of each principal at a time; 0: no limit. This and the next three, if not set: limits.share",
         RELOADABLE},
        {"auth.types.*.maxStreams", INTEGER, "0", "0..1000000", "Open streams of each principal; 0: no limit",
         RELOADABLE},
        {"auth.types.*.maxCalls", INTEGER, "0", "0..1000000", "Calls in flight of each principal; 0: no limit",
         RELOADABLE},
        {"auth.types.*.maxTasks", INTEGER, "0", "0..1000000", "Tasks of each principal; 0: no limit", RELOADABLE},

        {"limits.share", INTEGER, "10", "1..100",
         "The share of the server's sessions, streams, calls and tasks that one principal (without authentication, one "
         "address) may have, in percent; 100: all",
         RELOADABLE},
        {"limits.rate", INTEGER, "60", "0..1000000",
         "Logins a minute for an address that failed to authenticate; if set, also requests a minute for each "
         "principal "
         "and, without authentication, each address; 0: no limit",
         RELOADABLE},
    };
}

} // namespace tenon::guard
