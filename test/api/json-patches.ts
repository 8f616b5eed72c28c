/** PATCH with a JSON Patch (RFC 6902): each operation, and each way in which it cannot be done. */
import type { Scenario } from '../support/scenarios.ts'
import { patched, unpatched } from './patches.ts'

type Step = { readonly op: string; readonly path: string; [member: string]: unknown }

const add = (path: string, value: unknown): Step => ({ op: 'add', path, value })
const remove = (path: string): Step => ({ op: 'remove', path })
const replace = (path: string, value: unknown): Step => ({ op: 'replace', path, value })
const move = (from: string, path: string): Step => ({ op: 'move', from, path })
const copy = (from: string, path: string): Step => ({ op: 'copy', from, path })
const check = (path: string, value: unknown): Step => ({ op: 'test', path, value })

/** Every operation, done. */
export const jsonPatchRows: readonly Scenario[] = [
  patched('add sets a member', { a: 1 }, [add('/b', { c: [2] })], { a: 1, b: { c: [2] } }),
  patched('add replaces a member', { a: 1 }, [add('/a', null)], { a: null }),
  patched(
    'add puts an element before the one at its index',
    { list: [1, 2] },
    [add('/list/1', 'x'), add('/list/0', 'w')],
    { list: ['w', 1, 'x', 2] },
  ),
  patched(
    'add puts an element at the end, by - or by its index',
    { list: [1] },
    [add('/list/1', 2), add('/list/-', [3])],
    { list: [1, 2, [3]] },
  ),
  patched('add at the root replaces all', { a: 1 }, [add('', { b: 2 })], { b: 2 }),
  patched(
    'remove takes members and elements away',
    { a: { b: 1, c: 2 }, list: [1, 2, 3] },
    [remove('/a/b'), remove('/list/0'), remove('/list/1')],
    { a: { c: 2 }, list: [2] },
  ),
  patched(
    'replace changes members and elements in their place',
    { a: { b: 1 }, list: [1, 2] },
    [replace('/a/b', [null]), replace('/list/0', {})],
    { a: { b: [null] }, list: [{}, 2] },
  ),
  patched('replace at the root replaces all', { a: 1 }, [replace('', { b: 2 })], { b: 2 }),
  patched(
    'move takes a value from one place to another',
    { a: { b: { c: 1 } }, list: [1, 2, 3] },
    [move('/a/b', '/d'), move('/list/0', '/list/2')],
    { a: {}, d: { c: 1 }, list: [2, 3, 1] },
  ),
  patched('move replaces what is there', { a: 1, b: 2 }, [move('/a', '/b')], { b: 1 }),
  patched('move out of its own parent', { a: { b: { c: 1 } } }, [move('/a/b', '/a')], {
    a: { c: 1 },
  }),
  patched('move to its own place changes nothing', { a: [1, 2] }, [move('/a/1', '/a/1')], {
    a: [1, 2],
  }),
  patched('move of the document to itself changes nothing', { a: 1 }, [move('', '')], { a: 1 }),
  patched(
    'copy makes a second one that is changed by itself',
    { a: { b: [1] } },
    [copy('/a', '/c'), add('/c/b/-', 2), replace('/a/b/0', 0)],
    { a: { b: [0] }, c: { b: [1, 2] } },
  ),
  patched(
    'test takes equal values, members in any order and numbers in any form',
    { a: { x: 1, y: [null, 'é'] }, n: 1e21 },
    [check('/a', { y: [null, 'é'], x: 1.0 }), check('/n', 1e21), check('/a/y/0', null)],
    { a: { x: 1, y: [null, 'é'] }, n: 1e21 },
  ),
  patched(
    'operations are done in their order, each on what the one before left',
    {},
    [add('/a', {}), add('/a/b', [1]), check('/a/b/0', 1), move('/a/b', '/c'), remove('/a')],
    { c: [1] },
  ),
  patched(
    'pointers escape slash and tilde, and name empty keys, digits and dots',
    { 'a/b': 1, 'm~n': 2, '': 3, '0': 4, 'x.y': 5, '~1': 6 },
    [remove('/a~1b'), remove('/m~0n'), remove('/'), remove('/0'), remove('/x.y'), remove('/~01')],
    {},
  ),
  patched('- is an ordinary key of an object', { '-': 1 }, [replace('/-', 2)], { '-': 2 }),
  patched('a key is compared in its one form', { 'é"\n': 1 }, [replace('/é"\n', 2)], { 'é"\n': 2 }),
  patched('a JSON patch of no operations changes no member', { a: 1 }, [], { a: 1 }),
  patched(
    'members of an operation that mean nothing are ignored',
    { a: 1 },
    [{ ...add('/b', 2), from: 7, comment: 'why' }],
    { a: 1, b: 2 },
  ),
  patched(
    'stamps that a JSON patch writes are ignored',
    { a: 1 },
    [replace('/updated', 1), remove('/updatedBy'), add('/nested', { updated: 2 })],
    { a: 1, nested: { updated: 2 } },
  ),
  {
    title: "a JSON patch changes the tenant's document",
    as: 'writer',
    given: [['POST .', { seats: [1] }]],
    send: 'PATCH .',
    body: [add('/seats/-', 2)],
    answers: { status: 200 },
  },
  {
    title: 'a JSON patch sees the stamps as GET shows them',
    as: 'userWriter',
    given: [['POST users/u', { a: 1 }]],
    send: 'PATCH users/u',
    body: [check('/updated', 0)],
    refused: ['Conflict', /another than the one it tests for/],
  },
]

const before = { a: { b: 1 }, list: [1, 2], text: 'x' }

/** An operation that cannot be done there. */
function absent(title: string, step: Step, reason: RegExp): Scenario {
  // Behind one that can, which must leave no trace.
  return unpatched(title, before, [add('/new', 1), step], ['Conflict', reason], '/1')
}

/** An operation that is none, or must not be. */
function malformed(title: string, step: unknown, reason: RegExp, member = ''): Scenario {
  const body = [add('/new', 1), step]
  return unpatched(title, before, body, ['BadRequest', reason], `/1${member}`)
}

const nothing = /nothing at its path/

/** Every way in which a patch changes nothing. */
export const refusedJsonPatchRows: readonly Scenario[] = [
  absent('a test for another value fails', check('/a/b', 2), /another than the one it tests/),
  absent('a test for another type fails', check('/a/b', '1'), /another than the one it tests/),
  absent('a test for another order fails', check('/list', [2, 1]), /another than/),
  absent('a test for a part fails', check('/a', {}), /another than the one it tests/),
  absent('a test for null of what is absent fails', check('/none', null), nothing),
  absent('what is absent is not removed', remove('/none'), nothing),
  absent('what is absent is not replaced', replace('/a/none', 1), nothing),
  absent('what is absent is not moved', move('/none', '/c'), nothing),
  absent('what is absent is not copied', copy('/a/b/c', '/c'), nothing),
  absent('nothing is added below what is absent', add('/none/c', 1), nothing),
  absent('nothing is added below a text', add('/text/c', 1), /has no members/),
  absent('nothing is added behind the end', add('/list/3', 1), /no such place/),
  absent('nothing is added at no index', add('/list/x', 1), /no such place/),
  absent('an index has no leading zero', add('/list/01', 1), /no such place/),
  absent('an index is not below zero', remove('/list/-1'), nothing),
  absent('an index is no fraction', replace('/list/1.0', 1), nothing),
  absent('behind the end there is nothing to remove', remove('/list/-'), nothing),
  absent('behind the end there is nothing to test', check('/list/2', null), nothing),
  absent('a length is no member of an array', check('/list/length', 2), nothing),
  absent('a key of all objects is no member', check('/constructor', null), nothing),
  absent('names differ by case', remove('/Text'), nothing),
  malformed('an operation that is a text', 'remove', /it is no object/),
  malformed('an operation that is null', null, /it is no object/),
  malformed('an operation that is an array', [], /it is no object/),
  malformed('an operation without op', { path: '/a' }, /its op is no string/, '/op'),
  malformed('an unknown op', { op: 'Add', path: '/c', value: 1 }, /its op is not one of/, '/op'),
  malformed('an operation without path', { op: 'remove' }, /its path is no string/, '/path'),
  malformed('a path that is a number', { op: 'remove', path: 1 }, /no string/, '/path'),
  malformed('a path without its slash', remove('a'), /no JSON Pointer/, '/path'),
  malformed('a path as a fragment', remove('#/a'), /no JSON Pointer/, '/path'),
  malformed('a path with an open escape', remove('/a~'), /no JSON Pointer/, '/path'),
  malformed('a path with an unknown escape', remove('/a~2'), /no JSON Pointer/, '/path'),
  malformed('an add without its value', { op: 'add', path: '/c' }, /its value is missing/),
  malformed('a replace without its value', { op: 'replace', path: '/a' }, /its value is missing/),
  malformed('a test without its value', { op: 'test', path: '/a' }, /its value is missing/),
  malformed('a move without from', { op: 'move', path: '/c' }, /its from is no string/, '/from'),
  malformed('a copy from no pointer', copy('a', '/c'), /no JSON Pointer/, '/from'),
  malformed('a move into itself', move('/a', '/a/b/c'), /into itself/, '/from'),
  malformed('a move of the document', move('', '/c'), /into itself/, '/from'),
  malformed('a remove of the document', remove(''), /use DELETE/, '/path'),
  malformed(
    'a path deeper than any document',
    remove('/a'.repeat(65)),
    /deeper than 64 levels/,
    '/path',
  ),
  malformed(
    'a key that no document may have',
    add('/__proto__', { admin: true }),
    /__proto__/,
    '/path',
  ),
  malformed(
    'a key of 1501 bytes',
    add(`/${'é'.repeat(750)}x`, 1),
    /1501 bytes, and 1500 is the most/,
    '/path',
  ),
  unpatched(
    'a malformed operation is refused though one before it fails',
    before,
    [check('/a', 1), { op: 'nothing', path: '' }],
    ['BadRequest', /Operation 1 of the patch is malformed/],
    '/1/op',
  ),
  {
    title: 'a malformed patch is refused before anyone looks for the document',
    as: 'owner',
    send: 'PATCH users/u',
    headers: { 'If-Match': '"1-00000000"' },
    body: [{ op: 'nothing', path: '' }],
    refused: ['BadRequest', /Operation 0 of the patch is malformed/],
    pointer: '/0/op',
  },
  unpatched(
    'a patch that leaves an array',
    before,
    [replace('', [1])],
    ['BadRequest', /leave no object/],
  ),
  unpatched('a patch that leaves null', before, [add('', null)], ['BadRequest', /leave no object/]),
  unpatched(
    'a duplicate key in an operation',
    before,
    '[{"op":"add","path":"/c","value":1,"value":2}]',
    ['BadRequest', /"\/0\/value".*twice/],
    '/0/value',
  ),
  unpatched(
    'a duplicate key in a value',
    before,
    '[{"op":"add","path":"/c","value":{"x":1,"x":1}}]',
    ['BadRequest', /"\/0\/value\/x".*twice/],
    '/0/value/x',
  ),
  unpatched(
    'a number that would be rounded',
    before,
    '[{"op":"add","path":"/c","value":9007199254740993}]',
    ['BadRequest', /would be rounded/],
    '/0/value',
  ),
  unpatched(
    'an outcome that is too large',
    { a: 'x'.repeat(600_000) },
    [copy('/a', '/b')],
    ['PayloadTooLarge', /would have 12000\d\d bytes/],
  ),
  unpatched(
    'an outcome of too many members',
    { a: Array(15_000).fill(0) },
    [copy('/a', '/b')],
    ['BadRequest', /would have 30002 members/],
  ),
  unpatched(
    'an outcome that is too deep',
    { a: JSON.parse('{"a":'.repeat(40) + '1'.padEnd(41, '}')) },
    [copy('/a', `/a${'/a'.repeat(40)}`)],
    ['BadRequest', /81 levels/],
  ),
  unpatched(
    'copies that double until nothing holds them',
    { a: 'x'.repeat(100_000) },
    Array.from({ length: 30 }, (_, at) => copy('', `/copy${at}`)),
    ['PayloadTooLarge', /copies or moves too much/],
  ),
]
