import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EventParser } from './api.js';
import { change, percent, plain, points, quantity, when } from './format.js';
import { History, same } from './history.js';
import { drawnTypes, fan, interval, span } from './record.js';
import { done, way } from './walk.js';

test('numbers read as in reports', () => {
  assert.equal(plain(0.12345), '0.123');
  assert.equal(plain(-2.5), '−2.5');
  assert.equal(plain(12345), '12\u202f345');
  assert.equal(plain(null), '–');
  assert.equal(plain(0.00001), '1.0e−5');
  assert.equal(percent(0.5), '50\u202f%');
  assert.equal(percent(0.0001), '<\u202f0.1\u202f%');
  assert.equal(percent(0.9999), '>\u202f99.9\u202f%');
  assert.equal(points(-0.031), '−3.1');
  assert.equal(quantity({ value: null, undefined: 'no war ends' }), 'not defined: no war ends');
});

test('changes are differences, and none without two numbers', () => {
  assert.equal(change({ value: 0.5, percent: true }, { value: 0.4, percent: true }).text, '+10 points');
  assert.equal(change({ value: null }, { value: 1 }), null);
  assert.equal(change({ value: 1 }, { value: 1 }).text, 'as before');
});

test('dates are as precise as the period', () => {
  assert.equal(when('2026-01-01', 0, 'month'), 'Jan 2026');
  assert.equal(when('1939-11-30', 0, 'week'), '30 Nov 1939');
  assert.equal(when(null, 2, 'month'), 'month 3');
});

test('what was undone can be done again until something new happens', () => {
  const history = new History(0);
  assert.equal(history.push(0), false);
  history.push(1);
  history.push(2);
  assert.equal(history.undo(), true);
  assert.equal(history.present, 1);
  assert.equal(history.redo(), true);
  assert.equal(history.present, 2);
  history.undo();
  history.push(3);
  assert.equal(history.redo(), false);
  assert.deepEqual(history.past, [0, 1]);
});

test('events arrive whole, however they are cut', () => {
  const parser = new EventParser();
  const text = 'event: progress\ndata: {"done":1}\n\nevent: result\ndata: {"a":"b"}\n\n';
  const found = [...text].flatMap((letter) => parser.feed(letter));
  assert.deepEqual(found, [
    { name: 'progress', data: { done: 1 } },
    { name: 'result', data: { a: 'b' } },
  ]);
});

test('the order of keys does not tell values apart', () => {
  assert.ok(same({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 }));
  assert.ok(!same({ a: [1, 2] }, { a: [2, 1] }));
});

test('the way through a month is the likeliest of those that the record allows', () => {
  const nodes = [
    { edges: [{ child: 1, probability: 0.9, passed: 0 }, { child: 2, probability: 0.1, passed: 1 }] },
    { edges: [] },
    { edges: [{ child: 3, probability: 0.2, passed: 0.4 }, { child: 4, probability: 0.8, passed: 0.6 }] },
    { edges: [] },
    { edges: [] },
  ];
  assert.deepEqual(way(nodes), [0, 2, 4]);
  assert.deepEqual(done(nodes[0]), [0, 1]);
  const open = nodes.map((node) => ({ edges: node.edges.map(({ child, probability }) => ({ child, probability, passed: null })) }));
  assert.deepEqual(way(open), [0, 1]);
  assert.equal(done(open[0]), null);
});

test('charts of the record share the ends of their time', () => {
  assert.deepEqual(span(['2022-02', '2023-01-01', null]), [
    { year: 2022, month: 2, date: 1, utc: true },
    { year: 2023, month: 1, date: 1, utc: true },
  ]);
  assert.equal(span([null]), null);
});

test('of two types one is drawn, and none of a player without private types', () => {
  const type = (name) => ({ name, title: name });
  const players = [{ name: 'a', title: 'A', types: [type('x'), type('y')] }, { name: 'b', title: 'B', types: [type('z')] }, { name: 'c', title: 'C', types: ['p', 'q', 'r'].map(type) }];
  assert.deepEqual(drawnTypes(players).map(({ title }) => title), ['A: y', 'C: p', 'C: q', 'C: r']);
});

test('intervals stay within what a probability can be, fans begin where the record ends', () => {
  assert.deepEqual(interval({ value: 0.5, parameter_uncertainty: 0, simulation_error: 0 }), [0.5, 0.5]);
  assert.deepEqual(interval({ value: 0.01, parameter_uncertainty: 0.3, simulation_error: 0.4 }), [0, 0.99]);
  const quantity = { rule: { from: 2 }, quantiles: [-1, 0, 0.5, 1, 2] };
  const chart = fan({ name: 'line', past: [['2020-01-01', 1], ['2020-02-01', 2]] }, [quantity], ['2020-03-01'], { period: 'month', last: '2020-02-01' });
  assert.deepEqual(chart.rows.map((row) => row.slice(1)), [
    [-1, 1, null, null, null, null, null],
    [0, 2, null, null, null, null, null],
    [0, null, 2, 2, 2, 2, 2],
    [1, null, 1, 2, 2.5, 3, 4],
  ]);
});
