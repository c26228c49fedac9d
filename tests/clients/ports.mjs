// Ports for programs that have to be told one.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A port of 127.0.0.1 from a range that the system gives to no connection by itself, so that it stays free until somebody listens. */
export async function freePort() {
    for (;;) {
        const port = randomInt(25000, 30000);
        const free = await new Promise((resolve) => {
            const server = createServer().once('error', () => resolve(false));
            server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
        });
        if (free) return port;
    }
}
