// What all pages share: the scenario, the case on the sliders, and its solution, first on a coarse grid and then on a fine one.

import { compute, get, post } from './api.js';
import { History, same } from './history.js';

/** A case that differs from its scenario in nothing. */
const asWritten = (source) => ({ source, parameters: {}, levers: [], variant: null, precision: null });

/** Where the case is kept over a reload of the page, in this tab alone. */
const KEPT = 'armistice-case';

/** The case that was on the sliders before the page was loaded again, with the hash of its scenario. */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

class Model {
  workspace = $state.raw(null);
  scenario = $state.raw(null);
  /** The case on the sliders. */
  case = $state.raw(null);
  canUndo = $state(false);
  canRedo = $state(false);
  /** The best solution of the case so far, and that of the case before it. */
  result = $state.raw(null);
  previous = $state.raw(null);
  /** What is being computed: `{ points, queued, what, done, total }`. */
  busy = $state.raw(null);
  trouble = $state('');
  seconds = $state(null);
  history = null;
  running = null;
  opening = '';

  /** Reads the workspace and opens its first scenario. */
  async start() {
    try {
      this.workspace = await get('/api/workspace');
      const before = kept();
      const first = this.workspace.sources[0].id;
      const there = before?.case && (before.case.source.startsWith('catalog/') || this.workspace.sources.some((source) => source.id === before.case.source));
      if (there) await this.open(before.case.source, before.case, before.hash);
      if (!this.scenario) await this.open(first);
    } catch (error) {
      this.trouble = error.message;
    }
  }

  /** Opens another scenario, as written or with a case; one that was kept is only put on the very scenario that it was of. */
  async open(source, initial = null, hash = null) {
    this.running?.abort();
    this.trouble = '';
    this.opening = source;
    try {
      const scenario = await post('/api/scenario', { source });
      if (this.opening !== source) return;
      this.scenario = scenario;
    } catch (error) {
      if (this.opening === source) this.trouble = error.message;
      return;
    }
    document.title = `${this.scenario.about.title} – Armistice`;
    this.result = null;
    this.previous = null;
    this.history = new History(asWritten(source));
    if (initial && (hash === null || hash === this.scenario.hash)) this.history.push(initial);
    this.settle();
  }

  /** Makes the present of the history the case, and solves it. */
  settle() {
    this.case = this.history.present;
    this.canUndo = this.history.past.length > 0;
    this.canRedo = this.history.future.length > 0;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ case: this.case, hash: this.scenario.hash }));
    } catch {
      // A browser that keeps nothing: the case lasts as long as the page.
    }
    if (this.result && !same(this.result.stamp.case, this.case)) this.previous = this.result;
    this.solve();
  }

  /** Changes the case. */
  change(part) {
    if (this.history.push({ ...this.case, ...part })) this.settle();
  }

  /** Sets a parameter; its written value takes it off the case again. */
  set(name, value) {
    const written = this.scenario.parameters.find((parameter) => parameter.name === name);
    const parameters = { ...this.case.parameters };
    if (written && written.value === value) delete parameters[name];
    else parameters[name] = value;
    this.change({ parameters: sorted(parameters) });
  }

  lever(name, on) {
    const levers = this.case.levers.filter((other) => other !== name);
    if (on) levers.push(name);
    this.change({ levers: levers.sort() });
  }

  undo() {
    if (this.history.undo()) this.settle();
  }

  redo() {
    if (this.history.redo()) this.settle();
  }

  reset() {
    this.change(asWritten(this.case.source));
  }

  /** Loads a case, of another scenario too. */
  async load(loaded) {
    const full = { ...asWritten(loaded.source), ...loaded, parameters: sorted(loaded.parameters ?? {}) };
    if (loaded.source === this.case?.source) this.change(full);
    else await this.open(loaded.source, full);
  }

  get changed() {
    return this.case !== null && !same(this.case, asWritten(this.case.source));
  }

  /** Whether the solution shown is that of the case on the sliders, and not still that of the one before. */
  get current() {
    return this.result !== null && same(this.result.stamp.case, this.case);
  }

  /** What the solution shown is held against. */
  get before() {
    return this.previous && !same(this.previous.stamp.case, this.result.stamp.case) ? this.previous : null;
  }

  /** The grid that is good enough to look at. */
  get points() {
    return this.workspace?.quick_points ?? 5;
  }

  /** Solves the case: at once on the coarse grid, then on the fine one. A new case stops both. */
  async solve() {
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    const wanted = this.case;
    const { quick_points: quick, fine_points: fine } = this.workspace;
    const begun = performance.now();
    this.trouble = '';
    try {
      for (const points of quick < fine ? [quick, fine] : [fine]) {
        this.busy = { points };
        const onprogress = (progress) => {
          if (this.running === mine) this.busy = { points, ...progress };
        };
        const result = await compute('/api/solve', { case: wanted, points }, { signal: mine.signal, onprogress });
        if (this.running !== mine) return;
        this.result = result;
        if (points === quick || quick >= fine) this.seconds = (performance.now() - begun) / 1000;
      }
    } catch (error) {
      if (this.running === mine && error.name !== 'AbortError') this.trouble = error.message;
    } finally {
      if (this.running === mine) this.busy = null;
    }
  }
}

function sorted(parameters) {
  return Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const model = new Model();
