// Runs a client as its document prints it: nothing but address, token and connection id is put in.
import { readFile } from 'node:fs/promises';

const AsyncFunction = (async () => {}).constructor;

export const read = (name) => readFile(new URL(name, import.meta.url), 'utf8');

/** The text with this server's address, tokens and ids in the places of the document's. */
export function adapt(text, base, replacements = {}) {
    let adapted = text
        .replaceAll('http://localhost:3000', base)
        .replaceAll(/(["'])\/mcp\/sse/g, `$1${base}/mcp/sse`);
    for (const [from, to] of Object.entries(replacements)) adapted = adapted.replaceAll(from, to);
    return adapted;
}

/** Runs the text with these names in scope and gives what `returns` evaluates to. */
export async function run(text, names, returns = 'undefined') {
    return AsyncFunction(...Object.keys(names), `${text}\nreturn (${returns});`)(...Object.values(names));
}

/** What a snippet logs, to be waited for. */
export class Log {
    lines = [];
    #waiting = [];

    console = {
        log: (...values) => {
            this.lines.push(values);
            this.#waiting = this.#waiting.filter((look) => !look());
        }
    };

    /** The first line for which `fits` is true, now or within the time. */
    until(fits, what, ms = 20000) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${what} did not come; there is ${JSON.stringify(this.lines)}`)), ms);
            const look = () => {
                const line = this.lines.find(fits);
                if (!line) return false;
                clearTimeout(timer);
                resolve(line);
                return true;
            };
            if (!look()) this.#waiting.push(look);
        });
    }
}
