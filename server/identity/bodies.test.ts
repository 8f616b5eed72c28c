/** The bodies of the key routes: what is taken, and where it is said that something is wrong. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Refusal } from '../contract/errors.ts'
import { parseJsonObject } from '../contract/json.ts'
import { parseKeyRequest, parseOverlapSeconds } from './bodies.ts'

/** As the door hands it in. */
function compact(body: string): string {
  return parseJsonObject(Buffer.from(body), 'refuse')
}

function refused(run: () => unknown, pointer: string | undefined, says: RegExp) {
  assert.throws(run, (error) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.equal(error.code, 'BadRequest')
    assert.match(error.message, says)
    assert.deepEqual(
      error.details.map((detail) => detail.pointer),
      pointer === undefined ? [] : [pointer],
    )
    return true
  })
}

const good = '{"label":"a key","scopes":["voc:*"]}'

describe('the request of a key', () => {
  const taken: readonly (readonly [fact: string, body: string, request: object])[] = [
    [
      'is label, scopes and expiry',
      '{"label":"a key","scopes":["voc:*","mcp:read"],"expiresAt":1900000000000}',
      { label: 'a key', scopes: ['voc:*', 'mcp:read'], expiresAt: 1_900_000_000_000 },
    ],
    ['may leave out the expiry', good, { label: 'a key', scopes: ['voc:*'], expiresAt: undefined }],
    [
      'may say null for never',
      '{"expiresAt":null,"scopes":["voc:*"],"label":""}',
      { label: '', scopes: ['voc:*'], expiresAt: undefined },
    ],
    [
      'says escapes like every text',
      String.raw`{"label":"\"\\ \u00e9 \ud83d\ude00","scopes":["provisioning:\u0061\/"]}`,
      { label: '"\\ é 😀', scopes: ['provisioning:a/'], expiresAt: undefined },
    ],
    [
      'may say what only the rules of keys refuse',
      '{"label":"","scopes":[],"expiresAt":-1}',
      { label: '', scopes: [], expiresAt: -1 },
    ],
    [
      'may write its members with escapes',
      String.raw`{"l\u0061bel":"x","scopes":["voc:*"]}`,
      { label: 'x', scopes: ['voc:*'], expiresAt: undefined },
    ],
  ]
  for (const [fact, body, request] of taken) {
    test(fact, () => assert.deepEqual(parseKeyRequest(compact(body)), request))
  }

  const wrong: readonly (readonly [what: string, body: string, pointer: string, says: RegExp])[] = [
    ['no label', '{"scopes":["voc:*"]}', '/label', /label must be a text/],
    ['a label that is a number', '{"label":1,"scopes":[]}', '/label', /must be a text/],
    ['a label that is null', '{"label":null,"scopes":[]}', '/label', /must be a text/],
    ['a label that is an array', '{"label":["x"],"scopes":[]}', '/label', /must be a text/],
    ['no scopes', '{"label":"x"}', '/scopes', /scopes must be an array of texts/],
    ['scopes as one text', '{"label":"x","scopes":"voc:*"}', '/scopes', /an array of texts/],
    ['scopes as an object', '{"label":"x","scopes":{"0":"voc:*"}}', '/scopes', /an array/],
    ['scopes that are null', '{"label":"x","scopes":null}', '/scopes', /an array/],
    ['a scope that is a number', '{"label":"x","scopes":["voc:*",1]}', '/scopes/1', /be a text/],
    ['a scope that is null', '{"label":"x","scopes":[null]}', '/scopes/0', /must be a text/],
    ['a scope that is an array', '{"label":"x","scopes":[["voc:*"]]}', '/scopes/0', /be a text/],
  ]
  for (const [what, body, pointer, says] of wrong) {
    test(`is refused for ${what}`, () => {
      refused(() => parseKeyRequest(compact(body)), pointer, says)
    })
  }

  const times = ['1.5', '"1900000000000"', 'true', '{}', '[1]', '1e30', '"2030-01-01"', '""']
  for (const time of times) {
    test(`is refused for ${time} as its expiry`, () => {
      const body = compact(good.replace('}', `,"expiresAt":${time}}`))
      refused(() => parseKeyRequest(body), '/expiresAt', /epoch milliseconds, or null/)
    })
  }

  for (const member of ['expires', 'Label', 'scope', 'tenant', 'id', 'key', '', 'constructor']) {
    test(`is refused for the member ${JSON.stringify(member)}, which is not known`, () => {
      const body = compact(good.replace('{', `{"${member}":1,`))
      refused(
        () => parseKeyRequest(body),
        undefined,
        /is not known here; there are label, scopes, /,
      )
    })
  }

  test('repeats little of a member that is not known', () => {
    const body = compact(good.replace('{', `{"${'x'.repeat(1500)}":1,`))
    assert.throws(
      () => parseKeyRequest(body),
      (error: Error) => error.message.length < 400,
    )
  })
})

describe('the overlap of a rotation', () => {
  for (const [body, seconds] of [
    ['{}', 0],
    ['{"overlapSeconds":0}', 0],
    ['{"overlapSeconds":1}', 1],
    ['{"overlapSeconds":604800}', 604_800],
    ['{"overlapSeconds":1e3}', 1000],
    ['{"overlapSeconds":-0}', 0],
  ] as const) {
    test(`may be ${body}`, () => assert.equal(parseOverlapSeconds(compact(body)), seconds))
  }

  for (const said of ['-1', '604801', '1.5', '"60"', 'null', 'true', '[]', '{}', '1e300']) {
    test(`may not be ${said}`, () => {
      const body = compact(`{"overlapSeconds":${said}}`)
      const says = /a whole number from 0 to 604800/
      refused(() => parseOverlapSeconds(body), '/overlapSeconds', says)
    })
  }

  test('is refused beside members that are not known', () => {
    for (const body of ['{"overlap":60}', '{"overlapSeconds":1,"label":"x"}']) {
      refused(() => parseOverlapSeconds(compact(body)), undefined, /there are overlapSeconds\./)
    }
  })
})
