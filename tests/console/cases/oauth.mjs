// Logging in by redirect, at an authorization server that signs tokens.
import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { freePort } from '../../clients/ports.mjs';
import { closed, openedFrom, serverWith, test } from '../harness.mjs';

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** An authorization server that asks nobody, but for the proof that whoever brings a code is who got it. */
async function authorizationServer(audience) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const codes = new Map();
    const seen = { registered: [], asked: [] };
    const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
    const server = createServer(async (request, response) => {
        const url = new URL(request.url, seen.issuer);
        let body = '';
        for await (const chunk of request) body += chunk;
        const json = (value, status = 200) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
        if (url.pathname === '/.well-known/oauth-authorization-server') {
            json({ issuer: seen.issuer, authorization_endpoint: `${seen.issuer}/authorize`, token_endpoint: `${seen.issuer}/token`, registration_endpoint: `${seen.issuer}/register`,
                jwks_uri: `${seen.issuer}/keys`, response_types_supported: ['code'], code_challenge_methods_supported: ['S256'], token_endpoint_auth_methods_supported: ['none'] });
        } else if (url.pathname === '/keys') json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] });
        else if (url.pathname === '/register') {
            seen.registered.push(JSON.parse(body));
            json({ ...JSON.parse(body), client_id: 'console-client' }, 201);
        } else if (url.pathname === '/authorize') {
            const asked = Object.fromEntries(url.searchParams);
            seen.asked.push(asked);
            const code = randomBytes(9).toString('hex');
            codes.set(code, asked);
            const back = new URL(asked.redirect_uri);
            back.search = new URLSearchParams({ code: seen.denies ? '' : code, ...(seen.denies ? { error: 'access_denied', error_description: 'you may not' } : {}), state: asked.state });
            response.writeHead(302, { Location: back.href }).end();
        } else if (url.pathname === '/token') {
            const form = new URLSearchParams(body);
            const asked = codes.get(form.get('code'));
            codes.delete(form.get('code'));
            const proof = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
            if (!asked || asked.code_challenge !== proof || asked.redirect_uri !== form.get('redirect_uri')) return json({ error: 'invalid_grant' }, 400);
            const now = Math.floor(Date.now() / 1000);
            const unsigned = `${base64({ alg: 'RS256', typ: 'at+jwt', kid: 'one' })}.${base64({ iss: seen.issuer, sub: 'ada', aud: audience, iat: now, exp: now + 600, client_id: 'console-client', scope: 'all' })}`;
            json({ access_token: `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey).toString('base64url')}`, token_type: 'Bearer', expires_in: 600 });
        } else response.writeHead(404).end();
    });
    seen.issuer = `http://127.0.0.1:${await listen(server)}`;
    server.unref();
    return seen;
}

test('one logs in by redirect, and is told why one may not', async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const issuer = await authorizationServer(`${origin}/mcp`);
    const server = await serverWith([], `--http.port=${port}`, `--http.publicUrl=${origin}`, '--auth.type=oauth', `--auth.oauth.authorizationServers=${issuer.issuer}`, '--auth.oauth.scopeTypes=all=master',
        '--auth.oauth.scopesSupported=all');
    const page = await openedFrom([origin, issuer.issuer], `${server.mcpUrl.origin}/console/#/tools`);
    const away = page.getByRole('button', { name: /Log in at 127\.0\.0\.1/ });
    await away.click();
    await page.getByRole('link', { name: /clock_now/ }).waitFor();
    assert.equal(new URL(page.url()).search, '', 'no code stays in the address');
    assert.equal(issuer.asked[0].code_challenge_method, 'S256');
    assert.equal(issuer.asked[0].resource, `${origin}/mcp`);
    assert.deepEqual(issuer.registered[0].redirect_uris, [`${origin}/console/`]);
    await page.getByRole('button', { name: 'Log out' }).click();
    issuer.denies = true;
    await away.click();
    await page.getByText('you may not').waitFor();
    // A code that somebody else slips in is not taken.
    await page.goto(`${origin}/console/?code=foreign&state=foreign`);
    await away.waitFor();
    await closed(page);
});
