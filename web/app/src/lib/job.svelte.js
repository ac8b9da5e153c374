// One computation of a page: its progress, its result, and how to stop it.

import { untrack } from 'svelte';

import { compute } from './api.js';

/** The last results: the same question has the same answer, so turning a page back asks nothing. */
const known = new Map();
const KEPT = 30;

export class Job {
  result = $state.raw(null);
  progress = $state.raw(null);
  trouble = $state('');
  running = $state.raw(null);
  keeps = true;

  /** `keeps`: whether results stay known; those of some megabytes need not. */
  constructor({ keeps = true } = {}) {
    this.keeps = keeps;
  }

  /** Starts, stopping what ran before; resolves to the result, or to nothing when it was stopped or failed. */
  run(path, body) {
    // An effect that starts a computation must not depend on how far it has come.
    return untrack(() => this.go(path, body));
  }

  async go(path, body) {
    this.stop();
    const mine = new AbortController();
    this.running = mine;
    this.trouble = '';
    this.progress = {};
    const key = JSON.stringify([path, body]);
    try {
      if (known.has(key)) return (this.result = known.get(key));
      const onprogress = (progress) => {
        if (this.running === mine) this.progress = progress;
      };
      const result = await compute(path, body, { signal: mine.signal, onprogress });
      if (this.running !== mine) return undefined;
      if (this.keeps) known.set(key, result);
      if (known.size > KEPT) known.delete(known.keys().next().value);
      this.result = result;
      return result;
    } catch (error) {
      if (this.running === mine && error.name !== 'AbortError') this.trouble = error.message;
      return undefined;
    } finally {
      if (this.running === mine) this.running = null;
    }
  }

  stop() {
    untrack(() => this.running)?.abort();
    this.running = null;
  }
}
