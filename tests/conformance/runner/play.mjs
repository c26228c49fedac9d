// Plays one transcript against a server.

import { Client } from './client.mjs';
import { fill, mismatches, show } from './match.mjs';

/// Shape:  `transcript` as parseTranscript gives it; `schema` a RevisionSchema or undefined.
/// Errors: throws at the first step that cannot go on; what is returned are the faults found, as lines of text.
export async function play(transcript, { base, revision, file, schema }) {
  const faults = [];
  const log = [];
  const at = (step, what) => `${file}:${step.line}: ${what}`;
  const client = new Client({
    base, revision,
    capabilities: JSON.parse(transcript.headings.capabilities ?? '{}'),
    transport: transcript.headings.transport ?? (revision === '2024-11-05' ? 'sse' : 'http'),
    observe: (direction, message, methodOf, checked = message) => {
      log.push(`${direction === 'sent' ? '>' : '<'} ${show(message)}`);
      for (const fault of schema?.faults(checked, methodOf) ?? []) {
        faults.push(`${file}: ${direction} ${show(message)} is not of ${revision}: ${fault}`);
      }
    }
  });
  const variables = {};
  let last; // the exchange that the steps after a send speak of

  const step = async (current) => {
    switch (current.kind) {
      case 'send': last = await sendStep(client, current, variables); break;
      case 'expect': faults.push(...(await expectStep(client, current, variables, last)).map((what) => at(current, what)));
        break;
      case 'status': {
        await last.headersArrived();
        if (last.status !== current.status) faults.push(at(current, `status ${last.status}, not ${current.status}: ${show(last.text)}`));
        if (current.type && last.contentType !== current.type) {
          faults.push(at(current, `content type "${last.contentType}", not ${current.type}`));
        }
        break;
      }
      case 'end': {
        const ending = current.id === undefined ? last
          : client.exchanges.findLast((exchange) => exchange.request?.id === current.id);
        const message = await ending.next();
        if (message !== undefined) faults.push(at(current, `the answer goes on with ${show(message)}`));
        ending.over = true;
        last = ending;
        break;
      }
      default: {
        const exchange = current.what === 'session' ? undefined : lastStream(client, last);
        const value = current.what === 'session' ? client.session : exchange?.lastEventId;
        if (value === undefined) faults.push(at(current, `there is no ${current.what} to keep`));
        variables[current.name] = value;
      }
    }
  };

  try {
    await client.open({ handshake: transcript.headings.handshake !== 'none' });
    for (let index = 0; index < transcript.steps.length && faults.length === 0; index++) {
      const current = transcript.steps[index];
      try {
        if (current.anyOrder) {
          const group = [current];
          while (transcript.steps[index + 1]?.anyOrder) group.push(transcript.steps[++index]);
          faults.push(...(await expectInAnyOrder(client, group, variables, last)).map((what) => at(current, what)));
        } else if (current.repeat) faults.push(...(await untilItFits(client, current, transcript.steps[++index], variables))
          .map((what) => at(current, what)));
        else await step(current);
      } catch (error) {
        throw new Error(at(current, error.message));
      }
    }
    if (faults.length === 0) faults.push(...await leftovers(client, file));
  } catch (error) {
    faults.push(error.message);
  } finally {
    await client.close();
  }
  return { faults, log };
}

async function sendStep(client, { message, raw, verb, path, headers, deliberate }, variables) {
  const filledHeaders = fill(headers, variables);
  if (verb === 'CLOSE') {
    const target = path === 'GET' ? client.stream
      : client.exchanges.findLast((item) => path ? String(item.request?.id) === path : !item.verb);
    target.close();
    target.over = true;
    return target;
  }
  if (verb) {
    const exchange = client.verb(verb, path, filledHeaders);
    await exchange.headersArrived();
    return exchange;
  }
  const exchange = client.send(message === undefined ? undefined : fill(message, variables), filledHeaders,
    { raw: raw === undefined ? undefined : fill(raw, variables), deliberate });
  if (!exchange.expectsMessages) {
    await exchange.headersArrived();
    exchange.over = true;
  }
  return exchange;
}

async function expectStep(client, { pattern, stream }, variables, last) {
  const exchange = stream ? client.stream : openExchange(client, pattern, variables) ?? last;
  if (exchange === undefined) return ['nothing has been sent that this could be the answer to'];
  const message = stream ? await client.stream.next() : await client.next(exchange);
  if (exchange.fault) return [exchange.fault];
  if (message === undefined) {
    return [`the answer ended (status ${exchange.status}, ${show(exchange.text)}) where a message was expected`];
  }
  return mismatches(pattern, message, variables);
}

/// As many messages as there are steps; each step takes the first that fits it.
async function expectInAnyOrder(client, steps, variables, last) {
  const open = [...steps];
  while (open.length > 0) {
    const exchange = openExchange(client, undefined, variables) ?? last;
    const message = await client.next(exchange);
    if (message === undefined) return [`the answer ended where ${open.length} more message(s) were expected`];
    const found = open.findIndex(({ pattern }) => {
      const kept = { ...variables };
      const fits = mismatches(pattern, message, kept).length === 0;
      if (fits) Object.assign(variables, kept);
      return fits;
    });
    if (found < 0) return [`none of the ${open.length} message(s) expected here: ${show(message)}`];
    open.splice(found, 1);
  }
  return [];
}

/// Sends the same request, with an id of its own each time, until its answer fits: for states that change on their own.
async function untilItFits(client, { message, headers }, { pattern }, variables) {
  const deadline = Date.now() + 10000;
  for (let round = 1; ; round++) {
    const exchange = client.send({ ...fill(message, variables), id: `${message.id}-${round}` }, fill(headers, variables));
    const answer = await client.next(exchange);
    const found = mismatches(pattern, answer, variables);
    if (found.length === 0 || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/// The exchange a message is expected on: the one whose request has the id of the pattern, if that is a response's;
/// otherwise the latest whose response has not come.
function openExchange(client, pattern, variables) {
  const open = client.exchanges.filter((item) => item.expectsMessages && !item.answered && !item.over);
  if (pattern?.id !== undefined && pattern.method === undefined) {
    let id;
    try {
      id = fill(pattern.id, variables);
    } catch {
      id = undefined;
    }
    const own = open.find((item) => item.request?.id === id);
    if (own) return own;
  }
  return open.at(-1);
}

function lastStream(client, last) {
  return last?.lastEventId !== undefined ? last : client.stream;
}

/// What came without being expected, and answers that did not end.
async function leftovers(client, file) {
  const faults = [];
  for (const exchange of client.exchanges) {
    if (exchange.answered && client.transport !== 'sse') {
      await exchange.end().catch((error) => faults.push(`${file}: after its response, ${error.message}`));
    }
    for (const message of exchange.surplus()) {
      // The body of an error status may say what was wrong; whether it does is left to the server.
      if (exchange.status >= 400 && message?.error !== undefined && !('id' in message)) continue;
      faults.push(`${file}: unexpected message ${show(message)}`);
    }
  }
  if (client.stream && !client.exchanges.includes(client.stream)) {
    for (const message of client.stream.surplus()) faults.push(`${file}: unexpected message ${show(message)}`);
  }
  return faults;
}
