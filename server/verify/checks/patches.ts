/** PATCH and DELETE, which a server need not have. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import { headerOf } from '../exchange.ts'
import { expectSame, expectStatus } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '5 Documents:'
const live = '{doc}/versions/current'
const strange = '"2000000000-00000000"'
const given: Row['given'] = [['POST {doc}', { a: 1, b: { c: 2, d: 3 } }]]
const both: Row['given'] = [['POST {doc}', { a: 1, versions: { current: { x: 1 }, note: 2 } }]]

const patches: readonly Row[] = [
  {
    clause: `${section} a merge patch does what RFC 7396 says`,
    title: 'a merge patch sets, replaces and removes, at every depth',
    given,
    send: 'PATCH {doc}',
    body: { a: null, b: { c: null, e: [null] }, f: { g: { h: null } } },
    status: 200,
    leaves: { '{doc}': { b: { d: 3, e: [null] }, f: { g: {} } } },
  },
  {
    clause: `${section} a JSON Patch does what RFC 6902 says`,
    title: 'a JSON Patch adds, removes, replaces, moves, copies and tests',
    given: [['POST {doc}', { a: 1, b: { c: 2 }, list: [1, 3], 'x/y': 0 }]],
    send: 'PATCH {doc}',
    body: [
      { op: 'test', path: '/b', value: { c: 2 } },
      { op: 'add', path: '/list/1', value: 2 },
      { op: 'add', path: '/list/-', value: 4 },
      { op: 'remove', path: '/a' },
      { op: 'replace', path: '/b/c', value: null },
      { op: 'copy', from: '/b', path: '/copy' },
      { op: 'move', from: '/x~1y', path: '/moved' },
    ],
    status: 200,
    leaves: { '{doc}': { b: { c: null }, list: [1, 2, 3, 4], copy: { c: null }, moved: 0 } },
  },
  {
    clause: `${section} all of it or nothing`,
    title: 'a JSON Patch that fails at its end changes nothing',
    given,
    send: 'PATCH {doc}',
    body: [
      { op: 'replace', path: '/a', value: 9 },
      { op: 'remove', path: '/nowhere' },
    ],
    status: 409,
    leaves: { '{doc}': { a: 1, b: { c: 2, d: 3 } } },
  },
  {
    clause: `${section} another type is 415`,
    title: 'a patch of application/json is 415',
    given,
    send: 'PATCH {doc}',
    headers: { 'Content-Type': 'application/json' },
    body: { a: 2 },
    status: 415,
  },
  {
    clause: `${section} with Accept-Patch`,
    title: 'that 415 says which types are taken',
    given,
    send: 'PATCH {doc}',
    headers: { 'Content-Type': 'application/json' },
    body: { a: 2 },
    status: 415,
    has: { 'Accept-Patch': /(?=.*application\/merge-patch\+json).*application\/json-patch\+json/ },
  },
  {
    clause: `${section} a malformed patch is 400`,
    title: 'a JSON Patch of an unknown op is 400',
    given,
    send: 'PATCH {doc}',
    body: [{ op: 'increase', path: '/a' }],
    status: 400,
  },
  {
    clause: `${section} a malformed patch is 400`,
    title: 'a merge patch that is no object is 400',
    given,
    send: 'PATCH {doc}',
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: '[]',
    status: 400,
  },
  {
    clause: `${section} a failed test is 409`,
    title: 'a test for another value is 409',
    given,
    send: 'PATCH {doc}',
    body: [{ op: 'test', path: '/a', value: 2 }],
    status: 409,
  },
  {
    clause: `${section} an absent path is 409`,
    title: 'the removal of what is not there is 409',
    given,
    send: 'PATCH {doc}',
    body: [{ op: 'remove', path: '/nowhere' }],
    status: 409,
  },
  {
    clause: `${section} removing the live version by patch is 400`,
    title: 'a merge patch does not remove the live version',
    given: both,
    send: 'PATCH {doc}',
    body: { versions: { current: null } },
    status: 400,
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: `${section} it applies to the document as GET shows it`,
    title: 'a patch of the base changes the live version as GET shows it',
    given: both,
    send: 'PATCH {doc}',
    body: [{ op: 'replace', path: '/versions/current/x', value: 2 }],
    status: 200,
    leaves: { [live]: { x: 2 } },
  },
  {
    clause: `${section} its outcome is written as a POST of it`,
    title: 'a patch of the base that adds versions.current makes the live version',
    given,
    send: 'PATCH {doc}',
    body: { versions: { current: { x: 1 } } },
    status: 200,
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: `${section} PATCH works on every document path`,
    title: 'a live version is patched',
    given: both,
    send: `PATCH ${live}`,
    body: { x: null, y: 2 },
    status: 200,
    leaves: { [live]: { y: 2 } },
  },
  {
    clause: `${section} to PATCH as well`,
    title: 'a missing document is 404, though If-Match fails',
    send: 'PATCH {doc}',
    headers: { 'If-Match': '*' },
    body: {},
    status: 404,
  },
  {
    clause: `${section} If-Match works on every write`,
    title: 'a patch that expects what is there happens',
    given,
    send: 'PATCH {doc}',
    headers: { 'If-Match': '{etag}' },
    body: { a: 2 },
    status: 200,
  },
  {
    clause: `${section} and changes nothing`,
    title: 'a patch that expects what is not there is 412 and changes nothing',
    given,
    send: 'PATCH {doc}',
    headers: { 'If-Match': strange },
    body: { a: 2 },
    status: 412,
    leaves: { '{doc}': { a: 1, b: { c: 2, d: 3 } } },
  },
]

const deletes: readonly Row[] = [
  {
    clause: `${section} DELETE of a base takes base and live version: 204`,
    title: 'a deleted base is gone with its live version, from the list too',
    given: [['POST {list}/a', { a: 1, versions: { current: { x: 1 } } }]],
    send: 'DELETE {list}/a',
    status: 204,
    leaves: { '{list}/a': 404, '{list}/a/versions/current': 404, '{list}': [] },
  },
  {
    clause: `${section} DELETE of the live version takes it off alone: 204`,
    title: 'a live version is taken off, and the base keeps what else it says',
    given: both,
    send: `DELETE ${live}`,
    status: 204,
    leaves: { [live]: 404, '{doc}': { a: 1, versions: { note: 2 } } },
  },
  {
    clause: '5 The live version: versions that it empties is not stored',
    title: 'nothing is left of versions that had a live version alone',
    given: [['POST {doc}', { a: 1, versions: { current: { x: 1 } } }]],
    send: `DELETE ${live}`,
    status: 204,
    leaves: { '{doc}': { a: 1 } },
  },
  {
    clause: `${section} to DELETE as well`,
    title: 'a missing document is 404, though If-Match fails',
    send: 'DELETE {doc}',
    headers: { 'If-Match': '*' },
    status: 404,
  },
  {
    clause: `${section} If-Match works on every write`,
    title: 'a DELETE that expects what is there happens',
    given,
    send: 'DELETE {doc}',
    headers: { 'If-Match': '{etag}' },
    status: 204,
  },
  {
    clause: `${section} and changes nothing`,
    title: 'a DELETE that expects what is not there is 412 and changes nothing',
    given,
    send: 'DELETE {doc}',
    headers: { 'If-Match': strange },
    status: 412,
    leaves: { '{doc}': { a: 1, b: { c: 2, d: 3 } } },
  },
  {
    clause: '4 Bodies: a body of DELETE is ignored',
    title: 'a body of DELETE is ignored, whatever it is',
    given,
    send: 'DELETE {doc}',
    headers: { 'Content-Type': 'text/plain' },
    body: 'whatever',
    status: 204,
  },
]

const again: Check = {
  operation: 'DELETE',
  level: 'extension',
  clause: `${section} made again, revisions and versions go on`,
  title: 'a document that is made again goes on with its revisions',
  async run({ ask, given }) {
    const first = revisionOf(headerOf(await given('POST {doc}', { a: 1 }), 'ETag'))
    expectStatus(await ask('DELETE {doc}'), 204)
    const answered = await ask('POST {doc}', { body: { a: 1 } })
    const later = revisionOf(headerOf(answered, 'ETag'))
    expectSame(answered, 'a later revision:', later > first, true)
  },
}

function revisionOf(etag: string | undefined): number {
  const revision = Number(/^"(\d+)-/.exec(etag ?? '')?.[1] ?? Number.NaN)
  if (Number.isNaN(revision)) throw new NotAsked('it needs a revision in the ETag')
  return revision
}

export const patchChecks: readonly Check[] = [
  ...checksOf('PATCH', 'extension', patches),
  ...checksOf('DELETE', 'extension', deletes),
  again,
]
