/** Rotating a key: what becomes of the old one, what the new one may, and which cannot be. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTenantId } from '../contract/names.ts'
import type { Rotation } from './rotation.ts'
import { decideRotation } from './rotation.ts'
import type { Key } from './store.ts'

const at = 5000
const tenant = parseTenantId('acme')

const key: Key = {
  id: 'old',
  tenant,
  hash: Uint8Array.of(1),
  scopes: ['provisioning:read', 'keys:*'],
  label: 'of the exporter',
  created: 1000,
  createdBy: 'cli:zoe',
  expiresAt: undefined,
  lastUsed: 4000,
  revoked: undefined,
  rotatedTo: undefined,
}

const rotation: Rotation = {
  tenant,
  next: { id: 'new', hash: Uint8Array.of(2), created: at, createdBy: 'apikey:admin' },
  overlapMs: 0,
  at,
}

function decide(old: Partial<Key>, said: Partial<Rotation> = {}) {
  const decision = decideRotation({ ...key, ...old }, { ...rotation, ...said })
  assert.ok(typeof decision !== 'string', `it is ${decision}`)
  return decision
}

test('the new key may do what the old one may, under its own id and hash, never used', () => {
  const { next } = decide({})
  assert.deepEqual(next, {
    ...key,
    id: 'new',
    hash: Uint8Array.of(2),
    created: at,
    createdBy: 'apikey:admin',
    lastUsed: undefined,
  })
})

test('the new key expires when the old one would have, whatever the overlap', () => {
  for (const overlapMs of [0, 1000, 9000]) {
    assert.equal(decide({ expiresAt: 8000 }, { overlapMs }).next.expiresAt, 8000)
    assert.equal(decide({}, { overlapMs }).next.expiresAt, undefined)
  }
})

test('without overlap the old key is revoked, names the new one, and keeps all else', () => {
  const old = { ...key, revoked: at, rotatedTo: 'new' }
  assert.deepEqual(decide({}).old, old)
  assert.deepEqual(decide({ expiresAt: 8000 }).old, { ...old, expiresAt: 8000 })
})

describe('with an overlap the old key', () => {
  const rows = [
    ['expires at its end', undefined, 1, 5001],
    ['expires at its end, a week from now', undefined, 604_800_000, 604_805_000],
    ['expires at its end if it would have later', 9000, 1000, 6000],
    ['expires no later than it would have', 5500, 1000, 5500],
  ] as const
  for (const [fact, expiresAt, overlapMs, expected] of rows) {
    test(fact, () => {
      const { old } = decide({ expiresAt }, { overlapMs })
      assert.deepEqual(old, { ...key, expiresAt: expected, rotatedTo: 'new' })
    })
  }
})

test('what was handed in is not touched', () => {
  const [old, said] = [structuredClone(key), structuredClone(rotation)]
  decide({})
  assert.deepEqual([key, rotation], [old, said])
})

describe('cannot be rotated:', () => {
  test('no key', () => assert.equal(decideRotation(undefined, rotation), 'unknown'))

  test('the key of another tenant, be it dead', () => {
    for (const other of ['globex', 'ACME', 'acme-2']) {
      const foreign = { ...rotation, tenant: parseTenantId(other) }
      assert.equal(decideRotation(key, foreign), 'unknown')
      assert.equal(decideRotation({ ...key, revoked: 1 }, foreign), 'unknown')
    }
  })

  for (const [what, dead] of [
    ['a revoked key', { revoked: 4000 }],
    ['a key that was revoked at time 0', { revoked: 0 }],
    ['a key that expired', { expiresAt: 4999 }],
    ['a key that expires in this millisecond', { expiresAt: at }],
  ] as const) {
    test(what, () => {
      for (const overlapMs of [0, 1000]) {
        assert.equal(decideRotation({ ...key, ...dead }, { ...rotation, overlapMs }), 'dead')
      }
    })
  }

  test('a key that was rotated and lives on', () => {
    const old = { ...key, expiresAt: 9000, rotatedTo: 'next' }
    assert.equal(decideRotation(old, { ...rotation, overlapMs: 1000 }), 'rotated')
    assert.equal(decideRotation({ ...old, expiresAt: at }, rotation), 'dead')
  })

  test('but a key in its last millisecond can', () => {
    assert.equal(decide({ expiresAt: at + 1 }, { overlapMs: 10 }).old.expiresAt, at + 1)
  })
})
