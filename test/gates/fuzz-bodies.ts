/**
 * Bodies that the gate `fuzz` sends: documents, patches and asked-for keys, some of them large,
 * and some changed byte by byte.
 */
import type { Operation } from '../../server/contract/operation.ts'
import type { Random } from '../support/random.ts'
import { chance, pick } from '../support/random.ts'
import { mutateBytes } from './changed-bytes.ts'

/** Of documents, members and labels; most are taken somewhere, and none everywhere. */
export const names = [
  ...['users', 'bots', 'one', 'two', 'three', 'ü', 'a b', 'a@b.test', '%', '100%', 'x.y.z', '...'],
  ...['constructor', 'versions', 'current', 'rotate', 'read', '*', "'; DROP TABLE documents; --"],
  ...[
    '\u{1f600}',
    'e\u0301',
    '\u202e',
    '\ufeff',
    '\uffff',
    '<script>',
    '{{7*7}}',
    'null',
    '0',
    '-1',
  ],
]

function drawJson(random: Random, depth = 0): string {
  const kind = random() * (depth > 3 ? 0.5 : 1)
  if (kind < 0.2)
    return pick(
      ['0', '-0', '1.5e3', '-7', '0.1', '1E-400', '1234567', '12345678901234568', '2e22', '1e400'],
      random,
    )
  if (kind < 0.35) return JSON.stringify(pick(names, random))
  if (kind < 0.45) return pick(['null', 'true', 'false'], random)
  if (kind < 0.5) return pick(['""', '"\\u0000"', '"\\ud83d\\ude00"', '{}', '[]'], random)
  const size = Math.floor(random() * 5)
  if (kind < 0.65)
    return `[${Array.from({ length: size }, () => drawJson(random, depth + 1)).join(',')}]`
  return drawObject(
    Array.from({ length: size }, () => [drawKey(random), drawJson(random, depth + 1)]),
    random,
  )
}

/** Keys twice are taken out of nearly all. */
function drawObject(members: readonly (readonly [string, string])[], random: Random): string {
  const kept = chance(random, 0.99) ? [...new Map(members)] : members
  return `{${kept.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

const keys = ['a', 'b', 'c', '', 'updated', 'updatedBy', 'versions', 'current', 'constructor']

function drawKey(random: Random): string {
  if (chance(random, 0.005)) return '__proto__'
  return chance(random, 0.9) ? pick(keys, random) : pick(names, random)
}

function drawDocument(random: Random): string {
  const members: (readonly [string, string])[] = Array.from(
    { length: Math.floor(random() * 4) },
    () => [pick(keys, random), drawJson(random, 1)],
  )
  const said = drawJson(random, 1)
  if (chance(random, 0.2)) members.push(['versions', `{"current":{"a":${said}}}`])
  if (chance(random, 0.03)) members.push(['versions', `{"current":${said}}`])
  return drawObject(members, random)
}

const pointers = [
  '',
  '/',
  '/a',
  '/b',
  '/a/0',
  '/a/-',
  '/a/b',
  '/versions/current',
  '/updated',
  '/~0',
  '/~2',
  'a',
  '/x/y/z',
  '/0',
]

function drawPatch(random: Random): string {
  const steps = Array.from({ length: Math.floor(random() * 5) }, () => {
    const op = chance(random, 0.03)
      ? 'none'
      : pick(['add', 'add', 'remove', 'replace', 'move', 'copy', 'test'], random)
    const [path, from] = [pick(pointers, random), pick(pointers, random)]
    const members = [
      `"op":"${op}"`,
      `"path":"${path}"`,
      `"from":"${from}"`,
      `"value":${drawJson(random, 1)}`,
    ]
    return `{${members.filter(() => chance(random, 0.99)).join(',')}}`
  })
  return `[${steps.join(',')}]`
}

function drawKeyRequest(random: Random): string {
  const scopes = [
    'provisioning:*',
    'keys:read',
    'provisioning:users.read',
    'x',
    '',
    'keys:*',
    'voc:a/b',
  ]
  const some = Array.from({ length: Math.floor(random() * 3) }, () =>
    JSON.stringify(pick(scopes, random)),
  )
  const expires = pick(['null', '1', '99999999999999', '1e30', '"x"', '-1'], random)
  const members = [
    `"label":${JSON.stringify(pick(names, random))}`,
    `"scopes":[${some.join(',')}]`,
    `"expiresAt":${expires}`,
    `"x":1`,
  ]
  return `{${members.filter((_, at) => chance(random, at === 3 ? 0.03 : 0.9)).join(',')}}`
}

/** Bodies that are large, deep or of many members; each costs, so they are few. */
function drawLarge(random: Random): string {
  const size = Math.floor(random() * 30_000)
  return pick(
    [
      `{"a":"${'x'.repeat(size)}"}`,
      `{"a":${'['.repeat(size)}`,
      `{"a":${'[0,'.repeat(60)}0${']'.repeat(60)}}`,
      `{${Array.from({ length: size >> 3 }, (_, at) => `"${at}":0`).join(',')}}`,
      `{"${'k'.repeat(1501)}":0}`,
      `{"a":"${'x'.repeat(1_100_000)}"}`,
      `[${'{"op":"copy","from":"","path":"/a"},'.repeat(size >> 6)}{}]`,
    ],
    random,
  )
}

/** A body for this operation, of this type; undefined for none. */
export function drawBody(
  { name, takes }: Pick<Operation<unknown, unknown>, 'name' | 'takes'>,
  type: string | undefined,
  random: Random,
): string | Uint8Array | undefined {
  if (takes === undefined && chance(random, 0.9)) return undefined
  if (takes === 'optionalJson' && chance(random, 0.5)) return undefined
  if (chance(random, 0.004)) return drawLarge(random)
  const text =
    name === 'createKey'
      ? drawKeyRequest(random)
      : name === 'rotateKey'
        ? `{"overlapSeconds":${pick(['0', '60', '604800', '604801', '-1', '"1"', '1.5'], random)}}`
        : type === 'application/json-patch+json'
          ? drawPatch(random)
          : drawDocument(random)
  return chance(random, 0.2) ? mutateBytes(Buffer.from(text), random) : text
}
