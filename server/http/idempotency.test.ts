/** The Idempotency-Key of a request, and the fingerprint by which the same one is known again. */
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Body } from '../contract/operation.ts'
import { findRepeatable } from './idempotency.ts'
import { parseTarget } from './target.ts'

fc.configureGlobal({ seed })
tellSeed()

type Sent = {
  readonly key?: string
  readonly method?: string
  readonly target?: string
  readonly body?: string | Uint8Array
  readonly patchType?: Body['patchType']
  readonly headers?: { readonly [name: string]: string }
}

const path = '/api/v1/provisioning/tenants/acme/bots/bot-1'

function repeatableOf({ key = 'k', method = 'POST', target = path, body = '{}', ...sent }: Sent) {
  const request = new IncomingMessage(new Socket())
  request.method = method
  Object.assign(request.headers, { 'idempotency-key': key, ...sent.headers })
  const bytes = Buffer.from(body)
  const taken: Body = { text: '{}', bytes, ...(sent.patchType && { patchType: sent.patchType }) }
  return findRepeatable(request, parseTarget(target), taken)
}

const fingerprintOf = (sent: Sent) => repeatableOf(sent)?.fingerprint

test('without the header there is none', () => {
  const request = new IncomingMessage(new Socket())
  assert.equal(
    findRepeatable(request, parseTarget(path), { text: '{}', bytes: Buffer.of() }),
    undefined,
  )
})

describe('a key', () => {
  const every = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join('')
  for (const [title, key] of [
    ['one character', '!'],
    ['255 characters', 'k'.repeat(255)],
    ['every visible character of ASCII', every],
    ['a structured text with quotes', '"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
  ] as const) {
    test(`may be ${title}, and is kept as it came`, () => {
      assert.equal(repeatableOf({ key })?.key, key)
    })
  }

  for (const [title, key] of [
    ['nothing', ''],
    ['256 characters', 'k'.repeat(256)],
    ['a blank', 'a b'],
    ['two that were joined', 'a, b'],
    ['a blank behind it', 'a '],
    ['a tab', 'a\tb'],
    ['a DEL', 'a\u007f'],
    ['a byte over 0x7F', 'caf\u00e9'],
  ] as const) {
    test(`may not be ${title}`, () => {
      assert.throws(() => repeatableOf({ key }), {
        code: 'BadRequest',
        message: /has 1 to 255 visible ASCII characters, and comes once/,
      })
    })
  }
})

describe('the same request', () => {
  test('has the same fingerprint: 64 hexadecimal digits', () => {
    assert.match(fingerprintOf({}) ?? '', /^[0-9a-f]{64}$/)
    assert.equal(fingerprintOf({}), fingerprintOf({}))
  })

  test('is so under another Idempotency-Key, and with other headers', () => {
    const headers = { 'if-match': '"1-00000000"', 'x-request-id': 'x', authorization: 'Bearer x' }
    assert.equal(fingerprintOf({ key: 'other', headers }), fingerprintOf({}))
  })

  test('is so with the key of the caller in the query or in the header', () => {
    assert.equal(fingerprintOf({ target: `${path}?bearer_token=x` }), fingerprintOf({}))
    assert.equal(
      fingerprintOf({ target: `${path}?a=b&bearer_token=x` }),
      fingerprintOf({ target: `${path}?a=b` }),
    )
  })

  test('is so however the same names were escaped, and in absolute form', () => {
    assert.equal(fingerprintOf({ target: path.replace('bot-1', 'bot%2D1') }), fingerprintOf({}))
    assert.equal(fingerprintOf({ target: `http://a.example${path}` }), fingerprintOf({}))
  })
})

/** No two of these are the same request. */
const different: readonly Sent[] = [
  {},
  { method: 'PUT' },
  { method: 'DELETE' },
  { target: `${path}2` },
  { target: path.replace('bots', 'Bots') },
  { target: `${path}/versions/current` },
  { target: path.replace('bots/bot-1', 'bots') },
  { target: path.replace('bots/bot-1', 'bots%2Fbot-1') },
  { target: path.replace('acme', 'globex') },
  { target: `${path}?a=b` },
  { target: `${path}?a=c` },
  { target: `${path}?a=b&a=c` },
  { target: `${path}?a=c&a=b` },
  { target: `${path}?a=b&c=d` },
  { target: `${path}?a=b%26c%3Dd` },
  { target: `${path}?a` },
  { target: `${path}?a=` },
  { target: `${path}?a=%ff` },
  { target: `${path}?a=%25ff` },
  { target: `${path}?a=1&b=2&a=3` },
  { target: `${path}?a=1&a=3&b=2` },
  { body: '' },
  { body: '{ }' },
  { body: '{}\n' },
  { body: '\n{}' },
  { body: '{"a":1}' },
  { body: '{"a":1.0}' },
  { body: String.raw`{"\u0061":1}` },
  { body: Uint8Array.of(0xff) },
  { body: Uint8Array.of(0xfe) },
  { body: '{}', patchType: 'application/merge-patch+json' },
  { body: '{}', patchType: 'application/json-patch+json' },
  { method: 'PATCH', body: '{}', patchType: 'application/merge-patch+json' },
]

test('any other request has another fingerprint', () => {
  const fingerprints = different.map(fingerprintOf)
  for (const [at, fingerprint] of fingerprints.entries()) {
    const before = fingerprints.indexOf(fingerprint)
    assert.equal(before, at, `${JSON.stringify(different[at])} is as ${before}`)
  }
})

test('over any two targets and bodies, fingerprints are equal when both are', () => {
  const name = fc.constantFrom('a', 'b', 'a/b', '"', '","', '[', '\n', ',', '&', '=', '?')
  const anySent = fc.record({
    names: fc.array(name, { maxLength: 3 }),
    query: fc.array(fc.tuple(name, name), { maxLength: 2 }),
    body: fc.constantFrom('', '{}', '\n', '"]\n', '\n{}'),
  })
  const sentOf = ({
    names,
    query,
    body,
  }: {
    names: string[]
    query: [string, string][]
    body: string
  }) => {
    const pairs = query.map((pair) => pair.map(encodeURIComponent).join('='))
    return { target: `/${names.map(encodeURIComponent).join('/')}?${pairs.join('&')}`, body }
  }
  fc.assert(
    fc.property(anySent, anySent, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      assert.equal(fingerprintOf(sentOf(one)) === fingerprintOf(sentOf(other)), same)
    }),
    { numRuns: 2000 },
  )
})
