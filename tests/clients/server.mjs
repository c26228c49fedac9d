// Starts `tenon` on a free port, with a folder and a database of its own for the plugins to work on.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder for one run: files for `filesystem`, a place for the database of `sqlite`. */
export async function makeWorkspace() {
    const root = await mkdtemp(join(tmpdir(), 'tenon-clients-'));
    const files = join(root, 'files');
    await mkdir(files);
    await writeFile(join(files, 'greeting.txt'), 'Grüße aus dem Ordner\n');
    return { root, files, database: join(root, 'notes.db'), remove: () => rm(root, { recursive: true, force: true }) };
}

/** A certificate of this machine, which vouches for itself, and its key. */
export async function makeCertificate(workspace) {
    const certificate = join(workspace.root, 'certificate.pem'), key = join(workspace.root, 'key.pem');
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate]);
    return { certificate, key };
}

/** The command line for `plugins` and `workspace`, without what the transport needs. */
export function settingsFor(plugins, workspace) {
    return [
        `--plugins.directory=${plugins}`,
        `--plugin.filesystem.roots=${workspace.files}`,
        `--plugin.sqlite.database=${workspace.database}`,
        '--plugin.sqlite.readOnly=false'
    ];
}

/** A running server: its addresses, and how to end it. */
export async function startServer(binary, settings) {
    const child = spawn(binary, ['--http.port=0', ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    const mcpUrl = await new Promise((resolve, reject) => {
        const look = (chunk) => {
            output += chunk;
            const found = /Listening on (https?:\/\/\S+)/i.exec(output);
            if (found) resolve(found[1]);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('error', reject);
        ended.then((how) => reject(new Error(`the server ended (${JSON.stringify(how)}):\n${output}`)));
    });
    const origin = new URL(mcpUrl).origin;
    return {
        mcpUrl: new URL(mcpUrl),
        pid: child.pid,
        sseUrl: new URL('/sse', origin),
        output: () => output,
        /** Stops it as an operator does; throws unless it ends in order. */
        async stop() {
            child.kill(process.env.TENON_STOP_SIGNAL ?? 'SIGTERM');
            const how = await ended;
            if (how.code !== 0) throw new Error(`the server ended with ${JSON.stringify(how)}:\n${output}`);
        },
        kill() {
            child.kill('SIGKILL');
        }
    };
}
