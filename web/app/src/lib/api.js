// Talks to the server that the page came from, and to nothing else.

/** What the server said was wrong. */
export class Refused extends Error {
  constructor(message, hint) {
    super(hint ? `${message} (${hint})` : message);
    this.name = 'Refused';
  }
}

async function refusal(response) {
  try {
    const { error } = await response.json();
    return new Refused(error.message, error.hint);
  } catch {
    return new Refused(`the server answered ${response.status}`);
  }
}

/** A document. */
export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw await refusal(response);
  return response.json();
}

function send(path, body, signal) {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
}

/** A document in answer to another. */
export async function post(path, body) {
  const response = await send(path, body);
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/**
 * A computation: reports progress while it runs and returns its result. Aborting `signal` stops it on the server too.
 *
 * `onprogress` gets `{ queued }` or `{ what, done, total }`.
 */
export async function compute(path, body, { signal, onprogress } = {}) {
  const response = await send(path, body, signal);
  if (!response.ok) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Refused('the server broke off before it had a result');
    for (const { name, data } of events.feed(value)) {
      if (name === 'result') return data;
      if (name === 'failed') throw new Refused(data.message, data.hint);
      onprogress?.(name === 'queued' ? { queued: true } : data);
    }
  }
}

/** Server-sent events out of pieces of text. */
export class EventParser {
  rest = '';

  /** The events that are whole with this piece. */
  feed(text) {
    this.rest += text;
    const blocks = this.rest.split('\n\n');
    this.rest = blocks.pop();
    return blocks.map((block) => {
      const event = { name: 'message', data: null };
      for (const line of block.split('\n')) {
        if (line.startsWith('event: ')) event.name = line.slice(7);
        else if (line.startsWith('data: ')) event.data = JSON.parse(line.slice(6));
      }
      return event;
    });
  }
}
