// Starts a server of its own through serve.sh and finds out its port.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

/// Shape:     `settings` are further `key=value` settings for the server.
/// Ownership: the caller stops what it started.
export async function startServer(folder, settings = []) {
  const child = spawn(join(folder, 'serve.sh'), ['0', ...settings.map((setting) => `--${setting}`)],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const base = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server names no port within 20 s:\n${output}`)), 20000);
    const read = (chunk) => {
      output += chunk;
      const address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output);
      if (address) {
        clearTimeout(timer);
        resolve(address[0]);
      }
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`the server ended (${how}) before it listened:\n${output}`));
    });
  });
  return {
    base,
    output: () => output,
    /// Stops it in order; the faults are how it ended, if that was not in order.
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
      const how = await ended;
      clearTimeout(timer);
      return how === 0 ? [] : [`the server ended with ${how}`, ...output.split('\n').slice(-20)];
    }
  };
}
