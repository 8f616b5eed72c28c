/**
 * What the `stall` gate does to a server: requests within all limits, each as hard on the event
 * loop as they can be, and some beyond them, which have to be refused without a stall either.
 */
import { bytesOf, exchangeBytes } from '../support/bytes-client.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome } from '../support/demo-server.ts'
import type { Sent } from '../support/http.ts'
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

/** A case is made when it is asked for: all of their bodies at once would be 100 MiB. */
export function stallCases(sizes: ListSizes): readonly StallCase[] {
  return [
    ...hostileBodies().map(({ title, text }) =>
      single(`a POST with ${title}`, { method: 'POST', path: 'jobs/body', body: text }),
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

function single(title: string, sent: Sent, more: Partial<StallCase> = {}): StallCase {
  return { title, sends: (server) => [requestOf(sent, server)], answered: 'accepted', ...more }
}

function halves(title: string, half: string): readonly StallCase[] {
  const merging = 'jobs/merging'
  const both = `{"versions":{"current":${half},"next":${half}}}`
  const path = 'jobs/both'
  const prepare = (server: DemoServer) => write(server, path, both)
  return [
    single(
      `a PUT of one half onto the other, with ${title}`,
      { method: 'PUT', path: merging, body: `{"other":${half}}` },
      { prepare: (server) => write(server, merging, half) },
    ),
    single(
      `a PUT of what is there already, with ${title}`,
      { method: 'PUT', path: merging, body: half },
      { prepare: (server) => write(server, merging, half) },
    ),
    single(`a POST of base and live version, with ${title}`, { method: 'POST', path, body: both }),
    single(`a GET of base and live version, with ${title}`, { method: 'GET', path }, { prepare }),
    single(`a PUT of {} to both, with ${title}`, { method: 'PUT', path, body: '{}' }, { prepare }),
    single(
      `a PUT of the live version beside the base, with ${title}`,
      { method: 'PUT', path: `${path}/versions/current`, body: half },
      { prepare },
    ),
  ]
}

const inFlight = 8
const pipelined = 32

function largeDocuments(): readonly StallCase[] {
  const { half, whole } = largeBodies()
  const both = `{"versions":{"current":${half},"next":${half}}}`
  const at = (number: number) => `jobs/at-once-${number}`
  const many = (make: (number: number) => Sent) => (server: DemoServer) =>
    Array.from({ length: inFlight }, (_, number) => requestOf(make(number), server))
  const prepare = async (server: DemoServer) => {
    for (let number = 0; number < inFlight; number++) await write(server, at(number), both)
  }
  const answered = 'accepted'
  return [
    {
      title: `${inFlight} POSTs of 1 MiB at once`,
      sends: many((number) => ({ method: 'POST', path: at(number), body: whole })),
      answered,
    },
    {
      title: `${inFlight} POSTs of base and live version at once`,
      sends: many((number) => ({ method: 'POST', path: at(number), body: both })),
      answered,
    },
    {
      title: `${inFlight} PUTs of {} to base and live version at once`,
      prepare,
      sends: many((number) => ({ method: 'PUT', path: at(number), body: '{}' })),
      answered,
    },
    {
      title: `${inFlight} GETs of base and live version at once`,
      prepare,
      sends: many((number) => ({ method: 'GET', path: at(number) })),
      answered,
    },
    {
      title: `${pipelined} GETs of base and live version in one packet`,
      prepare,
      sends: (server) => [
        Buffer.concat(
          Array.from({ length: pipelined }, (_, turn) =>
            requestOf({ method: 'GET', path: at(0) }, server, turn < pipelined - 1),
          ),
        ),
      ],
      answered,
    },
    { title: 'a body of 1 MiB in chunks of a byte', sends: inChunks(whole), answered },
  ]
}

function inChunks(body: string): StallCase['sends'] {
  const chunks = body.replaceAll(/[\s\S]/g, (letter) => `1\r\n${letter}\r\n`)
  const headers = { 'Transfer-Encoding': 'chunked' }
  return (server) => {
    const head = requestOf({ method: 'POST', path: 'jobs/chunked', headers }, server)
    return [Buffer.concat([head, Buffer.from(`${chunks}0\r\n\r\n`)])]
  }
}

function largeBodies() {
  const find = (part: number) =>
    hostileBodies(part).find(({ title }) => title === 'strings made of escapes')?.text ?? ''
  return { half: find(0.49), whole: find(1) }
}

function lists({ large, small }: ListSizes): readonly StallCase[] {
  const { half } = largeBodies()
  const both = `{"versions":{"current":${half},"next":${half}}}`
  const little = `{"a":"${'x'.repeat(950)}"}`
  const littleBoth = `{"versions":{"current":${little},"next":${little}}}`
  const list = (title: string, path: string, more: Partial<StallCase>, method = 'GET') =>
    single(title, { method, path }, more)
  const largeOnes = { prepare: filled('large', large, both) }
  const smallOnes = { prepare: filled('small', small, littleBoth) }
  const emptyOnes = { prepare: filled('empty', small, '{}', 'n'.repeat(1490)) }
  return [
    list(`a list of ${large} documents of 1 MiB with a live version`, 'large', largeOnes),
    list(`a HEAD of that list`, 'large', largeOnes, 'HEAD'),
    list(`a list of ${small} documents of 2 KiB with a live version`, 'small', smallOnes),
    list(`a list of ${small} empty documents with names of 1500 bytes`, 'empty', emptyOnes),
    {
      title: `${inFlight} lists of ${small} documents of 2 KiB at once`,
      ...smallOnes,
      sends: (server) =>
        Array.from({ length: inFlight }, () => requestOf({ method: 'GET', path: 'small' }, server)),
      answered: 'accepted',
    },
  ]
}

/** Fills a collection, once in the life of a server. */
function filled(collection: string, count: number, body: string, prefix = 'd') {
  const done = new WeakSet<DemoServer>()
  return async (server: DemoServer) => {
    if (done.has(server)) return
    done.add(server)
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
  const name = '%F0%9F%98%80'.repeat(375)
  const read = (title: string, headers: Sent['headers'], query = '') =>
    single(`a GET with ${title}`, { method: 'GET', path: path + query, headers: headers ?? {} })
  return [
    read('32 KiB of tags in If-None-Match', { 'If-None-Match': tags.join(',') }),
    read('32 KiB of tags and blanks in If-None-Match', {
      'If-None-Match': `"1"${' \t'.repeat(15_000)},"2"`,
    }),
    read('32 KiB of empty elements in If-None-Match', {
      'If-None-Match': `${','.repeat(32_000)}"1"`,
    }),
    read('If-None-Match 900 times', { 'If-None-Match': tags.slice(0, 900) }),
    single('a PUT with 32 KiB of tags in If-None-Match', {
      method: 'PUT',
      path,
      headers: { 'If-None-Match': tags.join(',') },
      body: '{}',
    }),
    read('980 headers', { a: Array(980).fill('b') }),
    read('16 KiB of parameters', {}, `?${'&'.repeat(16_000)}`),
    read('16 KiB of escaped parameters', {}, `?${'%62earer_toke%6E=&'.repeat(880)}`),
    read('16 KiB of escapes', {}, `?${'%41'.repeat(5300)}`),
    single('a POST and a Location of three names, every byte of them escaped', {
      method: 'POST',
      path: `${'%41'.repeat(512)}/${name}`,
      body: '{}',
    }),
  ]
}

/** Beyond a limit, or broken where that is seen last. */
function refusals(): readonly StallCase[] {
  const refused = (title: string, body: string) =>
    single(
      `a refusal of ${title}`,
      { method: 'POST', path: 'jobs/refused', body },
      { answered: 'refused' },
    )
  const many = 500_000
  const lines = '\n'.repeat(1_048_000)
  return [
    refused(`${many} elements`, `{"a":[${Array(many).fill('0')}]}`),
    refused('100 000 members', `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`)}}`),
    refused('350 000 empty arrays', `{"a":[${Array(349_000).fill('[]')}]}`),
    refused('a million line ends and no end', `{${lines}`),
    refused('a million line ends before a duplicate', `{"a":1,"a"${lines}:1}`),
    refused('an integer of a million digits', `{"a":${'1'.repeat(1_048_000)}}`),
    refused('a fraction of a million digits, unended', `{"a":0.${'1'.repeat(1_048_000)}e}`),
    refused('a million opening brackets', `{"a":${'['.repeat(1_048_000)}`),
    refused(
      'a string of a million escapes, the last one wrong',
      `{"a":"${'\\n'.repeat(520_000)}\\x"}`,
    ),
    refused('a key of a million letters', `{"${'k'.repeat(1_048_000)}":1}`),
    refused('a duplicate at the end of 19 990 keys', repeatedKey()),
    refused('8 MiB', ' '.repeat(8 * 1_048_576)),
  ]
}

function repeatedKey(): string {
  const keys = Array.from({ length: 19_989 }, (_, i) => `"${'x'.repeat(40)}${i}":1`)
  return `{${keys.join(',')},"${'x'.repeat(40)}0":1}`
}
