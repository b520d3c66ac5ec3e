// Talking to the server. Of tries the latest wins: one is under way, one waits, all between are forgotten.

const tab = [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, "0")).join("");

/** An answer that says no: its findings, or what the connection is like. */
export class Refused extends Error {
  constructor(status, findings = []) {
    super(findings.map(finding => finding.cause).join("; ") || `status ${status}`);
    this.status = status;
    this.findings = findings;
  }
}

async function send(path, body, signal) {
  let response;
  try {
    response = await fetch(path, body === undefined ? { signal } : { method: "POST", body: JSON.stringify({ tab, ...body }), signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refused(0);
  }
  if (!response.ok) {
    const findings = await response.json().then(answer => answer.findings, () => []);
    throw new Refused(response.status, findings);
  }
  return response;
}

/** Asks for JSON. */
export const ask = async (path, body) => (await send(path, body)).json();

/** Asks for a file. */
export const take = async (path, body) => (await send(path, body)).blob();

/** Tries settings; the listener is told of every line of the latest try. */
export class Tries {
  constructor(listener) {
    this.listener = listener;
    this.waiting = null;
    this.under_way = null;
  }

  /** The newest settings. One under way that has shown nothing yet is let finish its first answer: so the page follows a slider that does not rest. */
  start(body) {
    this.waiting = body;
    if (!this.under_way) this.next();
    else if (this.under_way.shown) this.under_way.abort();
  }

  async next() {
    const body = this.waiting;
    if (!body) return;
    this.waiting = null;
    const mine = new AbortController();
    mine.shown = false;
    this.under_way = mine;
    try {
      const response = await send("/api/try", body, mine.signal);
      for await (const line of lines(response.body)) {
        mine.shown = true;
        this.listener(line, body, this.waiting !== null);
        if (this.waiting) break;
      }
    } catch (error) {
      if (error.name !== "AbortError") this.listener({ kind: "failed", error }, body, false);
    } finally {
      mine.abort();
      this.under_way = null;
    }
    this.next();
  }
}

async function* lines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      throw error.name === "AbortError" ? error : new Refused(0);
    }
    if (part.done) return;
    const all = (rest + part.value).split("\n");
    rest = all.pop();
    for (const line of all) yield JSON.parse(line);
  }
}
