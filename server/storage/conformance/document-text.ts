/** That names and contents come back as they were: every legal character, the greatest lengths. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { collectionNameMaxBytes, documentNameMaxBytes } from '../../contract/limits.ts'
import {
  addressOf,
  commandOf,
  listAll,
  recordOf,
  writeEach,
  writeResource,
} from './document-commands.ts'
import type { Check } from './engine.ts'
import { bytewise } from './engine.ts'

/** Declares the checks. */
export function checkText(check: Check): void {
  for (const [kind, content] of Object.entries(contents)) {
    check(`content comes back as it was: ${kind}`, async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      const whole = { ...commandOf(), content: text, live: text }
      await ground.documents.write(address, whole)
      const [listed] = await listAll(ground, address)
      for (const resource of [await ground.documents.read(address), listed?.resource]) {
        assert.equal(resource?.base.content, text)
        assert.equal(resource?.live?.content, text)
      }
      const [change] = await recordOf(ground, address.tenant)
      assert.deepEqual([change?.base, change?.live], [text, text])

      const merge = commandOf({ mode: 'merge', content: { 'of the merge': 1 } })
      const resource = await writeResource(ground, address, merge)
      const kept = text === '{}' ? '{' : `${text.slice(0, -1)},`
      const merged = `${kept}"of the merge":1}`
      assert.equal(resource.base.content, merged)
      assert.equal((await ground.documents.read(address))?.base.content, merged)
    })
  }

  check('who wrote and in which request comes back as it was', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const text = `cli:Zoë 😀 "o'n\\ \u00a0 $1 ? % \uffee \u{10ffff}`
    const command = commandOf({ by: text, requestId: text, live: {}, at: 8_640_000_000_000_000 })
    await ground.documents.write(address, command)
    const resource = await ground.documents.read(address)
    assert.deepEqual([resource?.base.updatedBy, resource?.live?.updatedBy], [text, text])
    assert.deepEqual([resource?.base.updated, resource?.live?.updated], [command.at, command.at])
    const [change] = await recordOf(ground, address.tenant)
    assert.deepEqual([change?.by, change?.requestId, change?.at], [text, text, command.at])
  })

  check('names are compared byte for byte', async (ground) => {
    const tenant = await ground.makeTenant()
    for (const names of lookAlikes) {
      for (const name of names) {
        const only = commandOf({ content: { name }, conditions: { ifNoneMatch: '*' } })
        await ground.documents.write(addressOf(tenant, name), only)
        await ground.documents.write(addressOf(tenant, 'lamp', name), only)
      }
      for (const name of names) {
        for (const address of [addressOf(tenant, name), addressOf(tenant, 'lamp', name)]) {
          const resource = await ground.documents.read(address)
          assert.equal(resource?.base.content, JSON.stringify({ name }))
          const listed = await listAll(ground, address)
          assert.ok(listed.some(({ document }) => document === address.document))
        }
        assert.equal((await listAll(ground, addressOf(tenant, 'x', name))).length, 1)
      }
    }
  })

  for (const [kind, alphabet] of Object.entries(alphabets)) {
    check(`the longest legal names work everywhere: ${kind}`, async (ground) => {
      const id = ground.freshId()
      const tenant = await ground.makeTenant(id + noise(id, 128 - id.length, alphabets.ascii))
      const collection = noise('collection', collectionNameMaxBytes, alphabet)
      const names = ['a', 'b', 'c'].map((seed) => noise(seed, documentNameMaxBytes, alphabet))
      // Differs from the first in its last byte only.
      const [first = ''] = names
      names.push(`${first.slice(0, -1)}${first.endsWith('0') ? '1' : '0'}`)
      assert.equal(Buffer.byteLength(collection), 512)
      for (const name of names) assert.equal(Buffer.byteLength(name), 1500)

      for (const name of names) {
        const address = addressOf(tenant, name, collection)
        await ground.documents.write(address, commandOf({ content: { name }, live: {} }))
        const merge = commandOf({ mode: 'merge', content: { merged: true } })
        const resource = await writeResource(ground, address, merge)
        assert.equal(resource.base.content, JSON.stringify({ name, merged: true }))
        assert.deepEqual(await ground.documents.read(address), resource)
      }
      const sorted = names.toSorted(bytewise)
      const listed = await listAll(ground, addressOf(tenant, 'x', collection))
      assert.deepEqual(
        listed.map(({ document }) => document),
        sorted,
      )
      const second = addressOf(tenant, sorted[1] ?? '', collection)
      const page = await ground.documents.list(second, second.document)
      assert.equal(page[0]?.document, sorted[2])
      const record = await recordOf(ground, tenant)
      assert.deepEqual(
        record.map((change) => [change.collection, change.document]),
        names.flatMap((name) => [
          [collection, name],
          [collection, name],
        ]),
      )
    })
  }

  check('a name may be any text that a database might take for its own', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = ["'; DROP TABLE x; --", '%', '_', '\\', '$1', '?1', ':a', '"x"', 'NULL', '{}']
    await writeEach(ground, tenant, names)
    const listed = await listAll(ground, addressOf(tenant, 'x'))
    assert.deepEqual(
      listed.map(({ document }) => document),
      names.toSorted(bytewise),
    )
    for (const name of names) {
      const other = addressOf(tenant, 'lamp', name)
      await ground.documents.write(other, commandOf({ content: { name } }))
      assert.equal((await listAll(ground, other)).length, 1)
    }
  })
}

/** Values, and texts that are not what JSON.stringify would write. */
const contents: { readonly [kind: string]: object | string } = {
  nothing: {},
  'escaped zeros': { 'k\u0000': '\u0000', a: 'x\u0000y', b: '\\u0000', c: ['\u0000'.repeat(9)] },
  'control characters': {
    all: String.fromCharCode(...Array.from({ length: 0xa0 }, (_, code) => code)),
  },
  'emoji and the ends of planes': {
    '😀': '👩‍👩‍👧‍👦 🏳️‍🌈',
    ends: '\ud7ff\ue000\ufeff\uffee\ufffe\uffff\u{10000}\u{10ffff}',
    lines: '\u2028\u2029\u0085',
    marks: 'e\u0301 é \u202e \u200b',
  },
  numbers: {
    great: [1e21, 1e300, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    small: [5e-324, 1e-7, 0.1, 0.30000000000000004, -1.5e-10],
    whole: [0, -1, 2 ** 31, 2 ** 32, 2 ** 53, 1e15, 123456789012345680000],
  },
  'numbers in all of their digits':
    '{"a":[1152921504606846976,-36893488147419103232,1208925819614629174706176],"b":1e+21}',
  'keys that are numbers, in the order sent': '{"b":1,"10":2,"9":{"1":3,"0":4},"4294967295":5}',
  'odd keys': {
    zz: 1,
    '': 2,
    'a.b': 3,
    constructor: 4,
    'a/b~c': 5,
    $ref: 6,
    A: 7,
    a: { z: 1, y: { x: 2, '': { '': null } } },
    updated: { kept: [] },
    ' ': false,
  },
  'text that looks like markup or SQL': {
    a: `'; DROP TABLE documents; -- "$1" ?1 :a @b %s`,
    b: '</script>\\\\',
  },
}

/** Pairs that some collation, affinity or normalisation takes for one name. */
const lookAlikes = [
  ['a', 'A', 'a ', ' a', 'ａ'],
  ['1', '01', '1.0', '1e0', '+1', ' 1'],
  ['é', 'e\u0301', 'É', 'e'],
  ['ß', 'ss', 'ẞ'],
  ['i', 'İ', 'ı', 'I'],
  ['x\u200by', 'xy', 'x\u00ady', 'x y', 'x\u00a0y'],
  ['null', 'NULL', 'Null'],
  ['\ufeffz', 'z', 'z\ufeff'],
]

/** How to make a character of two noisy bytes. Noise, since an index may compress what repeats. */
const alphabets = {
  ascii: (noisy: number) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'[noisy % 64] as string,
  'three bytes a character': (noisy: number) => String.fromCodePoint(0x4e00 + (noisy % 0x5000)),
  'four bytes a character': (noisy: number) => String.fromCodePoint(0x10000 + noisy),
}

/** As many bytes of this alphabet, always the same of one seed, a digit wherever none fits. */
function noise(seed: string, bytes: number, characterOf: (noisy: number) => string): string {
  let text = ''
  let left = bytes
  for (let block = 0; ; block++) {
    const hash = createHash('sha256').update(`${seed} ${block}`).digest()
    for (let at = 0; at < hash.length; at += 2) {
      // The last byte is always of ASCII, so that a check can change it by itself.
      const wide = characterOf(hash.readUInt16BE(at))
      const character = Buffer.byteLength(wide) < left ? wide : String((hash[at] ?? 0) % 10)
      text += character
      left -= Buffer.byteLength(character)
      if (left === 0) return text
    }
  }
}
