// Reads an event stream from a fetch: the names and data of its events, as they arrive.

export interface StreamEvent { event: string; data: string; id?: string }

export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let pending = '';
  let current: { event: string; data: string[]; id?: string } = { event: 'message', data: [] };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      pending += value;
      const lines = pending.split(/\r\n|\n|\r(?!$)/);
      pending = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (current.data.length > 0) yield { event: current.event, data: current.data.join('\n'), id: current.id };
          current = { event: 'message', data: [] };
          continue;
        }
        const colon = line.indexOf(':');
        if (colon === 0) continue;
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'data') current.data.push(text);
        else if (field === 'event') current.event = text;
        else if (field === 'id') current.id = text;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
