/**
 * What the `stall` gate does to a server: requests within all limits, each as hard on the event
 * loop as they can be, and some beyond them, which have to be refused without a stall either.
 */
import { bodyPieceMinBytes } from '../../server/contract/limits.ts'
import { exchangeBytes } from '../support/counting-client.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome } from '../support/demo-server.ts'
import type { Sent } from '../support/http.ts'
import { bytesOf } from '../support/wire-request.ts'
import { hostileBodies } from './hostile-bodies.ts'

export type StallCase = {
  /** What is sent, completing "the loop was held by …". */
  readonly title: string
  /** What has to be there, and is not measured. */
  readonly prepare?: (server: DemoServer) => Promise<void>
  /** Sent at once, each element on a connection of its own. */
  readonly sends: (server: DemoServer) => readonly Uint8Array[]
  readonly answered: 'accepted' | 'refused'
}

/** Shapes that are dear to merge, to splice and to write, not only to parse. */
const dearest = [
  'integers downward as keys',
  'keys i << 16',
  'keys made of escapes',
  'strings made of escapes',
  'exact integers of 21 digits',
  'objects with the same ten keys',
]

export type ListSizes = {
  /** Documents of 1 MiB, each with a live version. */
  readonly large: number
  /** Documents of 2 KiB, each with a live version beside another member of `versions`. */
  readonly small: number
}

/** What they send is made when it is asked for. */
export function stallCases(sizes: ListSizes): readonly StallCase[] {
  return [
    ...hostileBodies().map(({ title, text }) =>
      single(`a POST with ${title}`, () => ({ method: 'POST', path: 'jobs/body', body: text() })),
    ),
    ...hostileBodies(0.49)
      .filter(({ title }) => dearest.includes(title))
      .flatMap(({ title, text }) => halves(title, text)),
    ...largeDocuments(),
    ...lists(sizes),
    ...heads(),
    ...refusals(),
  ]
}

/** A path without a leading slash is below the demo's tenant. */
function requestOf(sent: Sent, { headers }: DemoServer, isFollowed = false): Uint8Array {
  const path = sent.path.startsWith('/') ? sent.path : `${demoHome}/${sent.path}`
  return bytesOf({ ...sent, path, headers: { ...headers, ...sent.headers } }, isFollowed)
}

/** What is not measured has to be accepted too. */
async function write(server: DemoServer, path: string, body: string): Promise<void> {
  const { status } = await exchangeBytes(
    server.port,
    requestOf({ method: 'POST', path, body }, server),
  )
  if (status >= 300) throw new Error(`to prepare ${path} was answered with ${status}`)
}

function single(
  title: string,
  sent: () => Sent,
  more: Pick<StallCase, 'prepare'> & { readonly answered?: 'refused' } = {},
): StallCase {
  return { title, sends: (server) => [requestOf(sent(), server)], answered: 'accepted', ...more }
}

const mergingPath = 'jobs/merging'
const bothPath = 'jobs/both'
const livePath = `${bothPath}/versions/current`

function halves(shape: string, half: () => string): readonly StallCase[] {
  const halfThere = { prepare: (server: DemoServer) => write(server, mergingPath, half()) }
  const bothThere = { prepare: (server: DemoServer) => write(server, bothPath, bothOf(half())) }
  const one = (
    what: string,
    method: string,
    path: string,
    body: (() => string) | undefined,
    there: Pick<StallCase, 'prepare'> = {},
  ) => {
    const sent = () => (body === undefined ? { method, path } : { method, path, body: body() })
    return single(`${what}, with ${shape}`, sent, there)
  }
  const other = () => `{"other":${half()}}`
  return [
    one('a PUT of one half onto the other', 'PUT', mergingPath, other, halfThere),
    one('a PUT of what is there already', 'PUT', mergingPath, half, halfThere),
    one('a POST of base and live version', 'POST', bothPath, () => bothOf(half())),
    one('a GET of base and live version', 'GET', bothPath, undefined, bothThere),
    one('a PUT of {} to base and live version', 'PUT', bothPath, () => '{}', bothThere),
    one('a PUT of the live version', 'PUT', livePath, half, bothThere),
  ]
}

/** The live version, and as much beside it as data of the base. */
function bothOf(half: string): string {
  return `{"versions":{"current":${half},"next":${half}}}`
}

function largeBody(part = 1): string {
  const found = hostileBodies(part).find(({ title }) => title === 'strings made of escapes')
  return found?.text() ?? ''
}

const inFlight = 8
/** They share a batch, as each of them is small. */
const crowd = 64
const pipelined = 32

function largeDocuments(): readonly StallCase[] {
  const at = (number: number) => `jobs/at-once-${number}`
  const prepare = async (server: DemoServer) => {
    for (let number = 0; number < inFlight; number++) {
      await write(server, at(number), bothOf(largeBody(0.49)))
    }
  }
  return [
    atOnce('POSTs of 1 MiB', (number) => {
      return { method: 'POST', path: at(number), body: largeBody() }
    }),
    atOnce('POSTs of base and live version', (number) => {
      return { method: 'POST', path: at(number), body: bothOf(largeBody(0.49)) }
    }),
    {
      ...atOnce('PUTs of {} to base and live version', (number) => {
        return { method: 'PUT', path: at(number), body: '{}' }
      }),
      prepare,
    },
    {
      ...atOnce(
        'PUTs of {} to one document',
        () => ({ method: 'PUT', path: at(0), body: '{}' }),
        crowd,
      ),
      prepare,
    },
    {
      ...atOnce('GETs of base and live version', (number) => {
        return { method: 'GET', path: at(number) }
      }),
      prepare,
    },
    {
      title: `${pipelined} GETs of base and live version in one packet`,
      prepare,
      sends(server) {
        const turns = Array.from({ length: pipelined }, (_, turn) =>
          requestOf({ method: 'GET', path: at(0) }, server, turn < pipelined - 1),
        )
        return [Buffer.concat(turns)]
      },
      answered: 'accepted',
    },
    inChunks('the least that is taken', bodyPieceMinBytes, 'accepted'),
    inChunks('a byte', 1, 'refused'),
  ]
}

function atOnce(what: string, sent: (number: number) => Sent, count: number = inFlight): StallCase {
  return {
    title: `${count} ${what} at once`,
    sends: (server) =>
      Array.from({ length: count }, (_, number) => requestOf(sent(number), server)),
    answered: 'accepted',
  }
}

function inChunks(size: string, bytes: number, answered: StallCase['answered']): StallCase {
  const piece = new RegExp(`[\\s\\S]{1,${bytes}}`, 'g')
  return {
    title: `a body of 1 MiB in chunks of ${size}`,
    sends(server) {
      const headers = { 'Transfer-Encoding': 'chunked' }
      const head = requestOf({ method: 'POST', path: 'jobs/chunked', headers }, server)
      const chunks = largeBody().replaceAll(
        piece,
        (text) => `${text.length.toString(16)}\r\n${text}\r\n`,
      )
      return [Buffer.concat([head, Buffer.from(`${chunks}0\r\n\r\n`)])]
    },
    answered,
  }
}

function lists({ large, small }: ListSizes): readonly StallCase[] {
  const little = bothOf(`{"a":"${'x'.repeat(950)}"}`)
  const list = (what: string, path: string, prepare: StallCase['prepare'], method = 'GET') =>
    single(what, () => ({ method, path }), { ...(prepare && { prepare }) })
  const fillLarge = filled('large', large, () => bothOf(largeBody(0.49)))
  const fillSmall = filled('small', small, () => little)
  const fillEmpty = filled('empty', small, () => '{}', 'n'.repeat(1490))
  return [
    list(`a list of ${large} documents of 1 MiB with a live version`, 'large', fillLarge),
    list('a HEAD of that list', 'large', fillLarge, 'HEAD'),
    list(`a list of ${small} documents of 2 KiB with a live version`, 'small', fillSmall),
    list(`a list of ${small} empty documents with names of 1500 bytes`, 'empty', fillEmpty),
    list('a part of that list, of 5000 of the longest names', 'empty?limit=5000', fillEmpty),
    list('a HEAD of that part', 'empty?limit=5000', fillEmpty, 'HEAD'),
    {
      ...atOnce('parts of that list', () => ({ method: 'GET', path: 'empty?limit=5000' })),
      prepare: fillEmpty,
    },
    {
      ...atOnce(`lists of ${small} documents of 2 KiB`, () => ({ method: 'GET', path: 'small' })),
      prepare: fillSmall,
    },
  ]
}

/** Fills a collection, once in the life of a server. */
function filled(collection: string, count: number, makeBody: () => string, prefix = 'd') {
  const done = new WeakSet<DemoServer>()
  return async (server: DemoServer) => {
    if (done.has(server)) return
    done.add(server)
    const body = makeBody()
    let next = 0
    const fill = async () => {
      while (next < count) {
        const name = `${prefix}${String(next++).padStart(6, '0')}`
        await write(server, `${collection}/${name}`, body)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, fill))
  }
}

/** Heads of requests that are as long as they may be. */
function heads(): readonly StallCase[] {
  const path = 'users/user-001'
  const tags = Array.from({ length: 4000 }, (_, i) => `"${i}"`)
  const blanks = ' \t'.repeat(15_000)
  const name = '%F0%9F%98%80'.repeat(375)
  const read = (what: string, headers: NonNullable<Sent['headers']>, query = '') =>
    single(`a GET with ${what}`, () => ({ method: 'GET', path: path + query, headers }))
  const stranger = (what: string, authorization: string | readonly string[], query = '') => {
    const sent = { method: 'GET', path: path + query, headers: { Authorization: authorization } }
    return single(`a GET with ${what}`, () => sent, { answered: 'refused' })
  }
  const merge = (headers: NonNullable<Sent['headers']>) => () =>
    ({ method: 'PUT', path, headers, body: '{}' }) as const
  return [
    read('32 KiB of tags in If-None-Match', { 'If-None-Match': tags.join() }),
    read('32 KiB of blanks in If-None-Match', { 'If-None-Match': `"1"${blanks},"2"` }),
    read('32 KiB of commas in If-None-Match', { 'If-None-Match': `${','.repeat(32_000)}"1"` }),
    read('900 times If-None-Match', { 'If-None-Match': tags.slice(0, 900) }),
    single('a PUT with 32 KiB of tags in If-None-Match', merge({ 'If-None-Match': tags.join() })),
    single('a PUT with 32 KiB of wrong tags in If-Match', merge({ 'If-Match': tags.join() }), {
      answered: 'refused',
    }),
    read('5000 headers', { a: Array(5000).fill('b') }),
    read('16 KiB of parameters', {}, `?${'&'.repeat(16_000)}`),
    read('16 KiB of escaped parameters', {}, `?${'%62earer_toke%6E=&'.repeat(880)}`),
    read('16 KiB of escapes', {}, `?${'%41'.repeat(5300)}`),
    stranger('32 000 = and an x in Authorization', `Bearer ${'='.repeat(32_000)}x`),
    stranger('16 000 = and an x in bearer_token', [], `?bearer_token=${'='.repeat(16_000)}x`),
    single('a POST to names of the greatest length, every byte of them escaped', () => {
      return { method: 'POST', path: `${'%41'.repeat(512)}/${name}`, body: '{}' }
    }),
  ]
}

/** Beyond a limit, or broken where that is seen last. */
function refusals(): readonly StallCase[] {
  const refused = (what: string, body: () => string) =>
    single(`a refusal of ${what}`, () => ({ method: 'POST', path: 'jobs/refused', body: body() }), {
      answered: 'refused',
    })
  const lines = '\n'.repeat(1_048_000)
  const ones = '1'.repeat(1_048_000)
  return [
    refused('500 000 elements', () => `{"a":[${Array(500_000).fill('0')}]}`),
    refused('100 000 members', () => `{${membersOf(100_000, '')}}`),
    refused('70 000 keys i << 16', () => `{${membersOf(70_000, '', 2 ** 16)}}`),
    refused('45 000 integers of 21 digits', () => `{"a":[${Array(45_000).fill(2n ** 69n)}]}`),
    refused('350 000 empty arrays', () => `{"a":[${Array(349_000).fill('[]')}]}`),
    refused('a million line ends and no end', () => `{${lines}`),
    refused('a million line ends before a duplicate', () => `{"a":1,${lines}"a":1}`),
    refused('an integer of a million digits', () => `{"a":${ones}}`),
    refused('a fraction of a million digits that does not end', () => `{"a":0.${ones}e}`),
    refused('a million opening brackets', () => `{"a":${'['.repeat(1_048_000)}`),
    refused('half a million escapes, the last one wrong', () => {
      return `{"a":"${'\\n'.repeat(520_000)}\\x"}`
    }),
    refused('a key of a million letters', () => `{"${'k'.repeat(1_048_000)}":1}`),
    refused('a duplicate behind 19 000 keys', () => {
      return `{${membersOf(19_000, 'x'.repeat(40))},"${'x'.repeat(40)}0":1}`
    }),
    refused('8 MiB', () => `{${membersOf(400_000, 'x'.repeat(10))}}`),
  ]
}

function membersOf(count: number, prefix: string, factor = 1): string {
  return Array.from({ length: count }, (_, i) => `"${prefix}${i * factor}":0`).join()
}
