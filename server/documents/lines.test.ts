/**
 * Lines: that what one says is what its resource shows, for any document and name, and that what
 * breaks a rule of bodies or names is refused in a sentence. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { Refusal } from '../contract/errors.ts'
import { parseJsonObject } from '../contract/json.ts'
import { bodyDepthMax, bodyMembersMax } from '../contract/limits.ts'
import type { DocumentAddress } from '../contract/names.ts'
import { parseTenantId, tenantDocument } from '../contract/names.ts'
import type { NumberedLine } from './lines.ts'
import { parseLine, splitLines, writeLine } from './lines.ts'
import type { Resource } from './resource.ts'
import { contentOfBase } from './resource.ts'
import { splitBaseBody } from './versions.ts'

fc.configureGlobal({ seed, numRuns: 500 })
tellSeed()

const tenant = parseTenantId('acme')
const bot = { tenant, collection: 'bots', document: 'bot-1' } as DocumentAddress

describe('a resource as a line', () => {
  const rows: readonly [title: string, base: string, live: string | undefined, data: string][] = [
    ['has its content, as it is kept', '{"b":1e300,"a":"\\u0001é"}', undefined, ''],
    ['has its live version last', '{"a":1}', '{"b":2}', '{"a":1,"versions":{"current":{"b":2}}}'],
    ['keeps versions that are data', '{"versions":[1],"a":1}', undefined, ''],
    [
      'has its live version behind other versions',
      '{"versions":{"x":1},"a":1}',
      '{}',
      '{"versions":{"x":1,"current":{}},"a":1}',
    ],
    ['keeps versions that are empty, without a live version', '{"versions":{}}', undefined, ''],
    [
      'has its live version last, though empty versions stood before',
      '{"versions":{},"a":1}',
      '{"b":2}',
      '{"a":1,"versions":{"current":{"b":2}}}',
    ],
    [
      'keeps versions inside of a live version',
      '{}',
      '{"versions":{"current":{}}}',
      '{"versions":{"current":{"versions":{"current":{}}}}}',
    ],
  ]
  for (const [title, base, live, data] of rows) {
    test(title, () => {
      const line = writeLine(bot, resourceOf(base, live), { stamps: false })
      const said = data === '' ? base : data
      assert.equal(line, `{"collection":"bots","id":"bot-1","data":${said}}\n`)
    })
  }

  test('has the stamps of both when they are asked for', () => {
    const line = writeLine(bot, resourceOf('{"a":1}', '{"b":2}'), { stamps: true })
    const { data } = JSON.parse(line)
    assert.deepEqual(Object.keys(data), ['a', 'versions', 'updated', 'updatedBy'])
    assert.deepEqual(data.versions.current, { b: 2, updated: 8, updatedBy: 'apikey:b' })
    assert.deepEqual(splitBaseBody(parse(line).body), { content: '{"a":1}', live: '{"b":2}' })
  })

  test("of the tenant's own document has no names, and its versions are data", () => {
    const content = '{"versions":{"current":{"a":1}}}'
    const own = tenantDocument(tenant)
    const line = writeLine(own, resourceOf(content), { stamps: false })
    assert.equal(line, `{"data":${content}}\n`)
    assert.deepEqual(parse(line), { address: own, body: content })
  })

  test('is read back as it was, with any content and any names', () => {
    fc.assert(
      fc.property(anyName, anyName, anyContent, fc.option(anyContent), (collection, id, a, b) => {
        const address = { tenant, collection, document: id } as DocumentAddress
        const versions = a.versions
        const meets = b !== null && versions !== undefined && !isPlainObject(versions)
        const base = compact(meets ? { ...a, versions: {} } : a)
        const { content, live: inside } = splitBaseBody(base)
        const live = b === null ? inside : compact(b)
        const resource = resourceOf(content, live)
        for (const stamps of [false, true]) {
          const line = writeLine(address, resource, { stamps })
          assert.equal(line.indexOf('\n'), line.length - 1)
          const parsed = parse(line)
          assert.deepEqual(parsed.address, address)
          const said = splitBaseBody(parsed.body)
          const again = resourceOf(said.content, said.live)
          assert.equal(writeLine(address, again, { stamps }), line)
          assert.deepEqual(JSON.parse(contentOfBase(again)), JSON.parse(contentOfBase(resource)))
        }
      }),
    )
  })

  test('of the greatest depth and the most members is read back', () => {
    const deep = `${'{"a":'.repeat(bodyDepthMax - 1)}{}${'}'.repeat(bodyDepthMax - 1)}`
    const wide = `{"a":[${Array(bodyMembersMax - 1).fill(1)}]}`
    for (const content of [deep, wide]) {
      const line = writeLine(bot, resourceOf(content), { stamps: true })
      assert.equal(splitBaseBody(parse(line).body).content, content)
    }
  })
})

describe('a line that breaks a rule', () => {
  const named = (rest: string) => `{"collection":"bots","id":"bot-1",${rest}}`
  const rows: readonly [line: string | Uint8Array, reason: RegExp][] = [
    ['{"collection":"bots","id":"b"', /^The line is not valid JSON: at column 30 it ends/],
    ['[]', /^The line must be a JSON object; this is an array\.$/],
    ['"text"', /must be a JSON object; this is a string/],
    ['{}', /^The line has no data, which is the document\.$/],
    [named('"data":[]'), /^The data must be a JSON object\.$/],
    [named('"data":null'), /^The data must be a JSON object\.$/],
    [named('"data":{},"etag":"x"'), /^The line has a member "etag"; it takes collection, id/],
    [named('"data":{},"":1'), /has a member ""/],
    [named('"data":{},"data":{}'), /"\/data".*occurs twice/],
    ['{"collection":"bots","data":{}}', /^The line has collection but no id; without both/],
    ['{"id":"b","data":{}}', /^The line has id but no collection/],
    ['{"collection":1,"id":"b","data":{}}', /^The member collection must be a string\.$/],
    ['{"collection":"c","id":null,"data":{}}', /^The member id must be a string\.$/],
    ['{"collection":"","id":"b","data":{}}', /^"" is no collection name: it is empty\.$/],
    ['{"collection":"","id":"","data":{}}', /^"" is no collection name/],
    ['{"collection":"a/b","id":"b","data":{}}', /^"a\/b" is no collection name: a slash/],
    ['{"collection":"c","id":"..","data":{}}', /^"\.\." is no document name/],
    ['{"collection":"__c__","id":"b","data":{}}', /of the form __…__ are reserved/],
    [`{"collection":"${'c'.repeat(513)}","id":"b","data":{}}`, /513 bytes, and 512 is the most/],
    [named('"data":{"a":{"b":1,"b":2}}'), /at "\/data\/a\/b", column 54: this key occurs twice/],
    [named('"data":{"__proto__":1}'), /__proto__ is not allowed/],
    [named('"data":{"a":9007199254740993}'), /would be rounded; send it as a string/],
    [named('"data":{"a":1e400}'), /beyond the range of a double/],
    [named('"data":{"a":"\\ud800"}'), /half of a surrogate pair/],
    [named(`"data":{"a":[${Array(20_005).fill(1)}]}`), /more than 20000 members and elements/],
    [Buffer.from([0x7b, 0xff, 0x7d]), /^The line is not valid UTF-8/],
    [Buffer.from('\ufeff{}'), /^The line begins with a byte order mark/],
  ]
  for (const [line, reason] of rows) {
    const shown = typeof line === 'string' ? line.slice(0, 60) : line.toString()
    test(`${shown}: ${reason.source.slice(0, 50)}`, () => {
      assert.throws(
        () => parse(line),
        (error) =>
          error instanceof Refusal && error.code === 'BadRequest' && reason.test(error.message),
      )
    })
  }

  test('one level more than a body may have is refused', () => {
    const levels = (count: number) => `${'{"a":'.repeat(count - 1)}{}${'}'.repeat(count - 1)}`
    assert.doesNotThrow(() => parse(named(`"data":${levels(64)}`)))
    assert.throws(() => parse(named(`"data":${levels(65)}`)), /nested deeper than 64 levels/)
  })

  test('an integer that a double cannot hold is rounded where that is the rule', () => {
    const line = Buffer.from(named('"data":{"a":9007199254740993}'))
    assert.equal(parseLine(line, tenant, 'round').body, '{"a":9007199254740992}')
  })
})

describe('lines in pieces', () => {
  const rows: readonly [title: string, text: string, lines: readonly [number, string][]][] = [
    ['of nothing there are none', '', []],
    [
      'the last needs no end',
      'a\nb',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'an end at the end begins no line',
      'a\nb\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'blank ones are left out and counted',
      '\n a\n \t\r\n\nb\n\n',
      [
        [2, ' a'],
        [5, 'b'],
      ],
    ],
    [
      'a carriage return before the end is a blank',
      'a\r\nb\r\n',
      [
        [1, 'a\r'],
        [2, 'b\r'],
      ],
    ],
    [
      'a mark before the first is left out',
      '\ufeffa\n\ufeffb',
      [
        [1, 'a'],
        [2, '\ufeffb'],
      ],
    ],
    ['a file of a mark alone has no line', '\ufeff\n', []],
    ['a line of the greatest length is whole', '12345678\n', [[1, '12345678']]],
    [
      'a longer one is told',
      'a\n123456789\nb',
      [
        [1, 'a'],
        [2, '…'],
        [3, 'b'],
      ],
    ],
    ['a longer one at the end is told', '123456789123456789', [[1, '…']]],
  ]
  for (const [title, text, expected] of rows) {
    test(`${title}, whatever the pieces`, async () => {
      const bytes = Buffer.from(text)
      for (let size = 1; size <= bytes.length + 1; size++) {
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
        const lines: NumberedLine[] = []
        for await (const batch of splitLines(pieces, 8)) lines.push(...batch)
        const found = lines.map(({ number, bytes }) => [number, bytes ? String(bytes) : '…'])
        assert.deepEqual(
          found.map(([number, line]) => [number, String(line)]),
          expected.map(([number, line]) => [number, line]),
          `in pieces of ${size}`,
        )
      }
    })
  }
})

function resourceOf(content: string, live?: string): Resource {
  const base = { content, updated: 9, updatedBy: 'cli:a' }
  if (live === undefined) return { revision: 3, version: 0, base, live: undefined }
  return {
    revision: 3,
    version: 1,
    base,
    live: { content: live, updated: 8, updatedBy: 'apikey:b', revision: 2 },
  }
}

function parse(line: string | Uint8Array) {
  return parseLine(Buffer.from(line), tenant, 'refuse')
}

function compact(value: object): string {
  return parseJsonObject(Buffer.from(JSON.stringify(value)), 'refuse')
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const anyName = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }), fc.emailAddress())
  .filter((name) => !/[\u0000-\u001f\u007f-\u009f/]|^\.\.?$|^__.*__$/.test(name))

const anyKey = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).filter((key) => key !== '__proto__'),
  fc.constantFrom('versions', 'current', 'updated', 'updatedBy', 'data', 'id', '1', '\u2028'),
)

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1e21, 1e300, 5e-324, 0.1, 2 ** 53),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(anyKey, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

/** An object as a client may send it, `versions.current` being an object if it is there. */
const anyContent = (anyValue.object as fc.Arbitrary<{ [key: string]: unknown }>)
  .map((content) => {
    const { updated: _, updatedBy: __, ...rest } = content
    return rest
  })
  .filter(({ versions }) => {
    const inside = isPlainObject(versions) ? (versions as { current?: unknown }) : {}
    return inside.current === undefined || isPlainObject(inside.current)
  })
