/**
 * Clients that take their time, each on a connection of its own: they send a head or a body by the
 * byte, or not to its end, or ask for much and hardly read. What each must come to is in its kind.
 */
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import { bytesOf } from '../support/wire-request.ts'

export type Attacker = {
  readonly title: string
  readonly client: RawClient
  readonly clientPort: number
  /** When it has to be cut, counted from its first byte. */
  readonly cutMs: { readonly min: number; readonly max: number }
  /** The last answer that it has to get; undefined where it would come in the middle of one. */
  readonly answered: 401 | 408 | undefined
  /** Done once a second. */
  readonly trickle: () => void
}

/** The contract's 10 s and 30 s, and some seconds in which the server finds it out and answers. */
const headCutMs = { min: 9_000, max: 13_000 }
const bodyCutMs = { min: 29_000, max: 35_000 }
const readerCutMs = { min: 29_000, max: 35_000 }
/** Refused before its body, which is read on only for as long as the client needs to see that. */
const refusedCutMs = { min: 0, max: 6_000 }

const slowList = `${demoHome}/slow-list`
const slowDocument = `${slowList}/d0`

/** Some times what the system takes off the server's hands. */
const listed = { documents: 24, bytes: 900_000 }
const pipelined = 24

/** What a reader takes in a second; 64 KiB in 30 s is the least that is enough. */
const readBytes = 1024

/** What they ask for. */
export async function prepareSlow({ port, headers }: DemoServer): Promise<void> {
  const body = JSON.stringify({ text: 'x'.repeat(listed.bytes) })
  for (let number = 0; number < listed.documents; number++) {
    const path = `${slowList}/d${number}`
    const { status } = await send(port, { method: 'POST', path, headers, body })
    if (status !== 201) throw new Error(`a document of the list was answered with ${status}`)
  }
}

/** So many of them, of each kind about as many. Resolves when all have sent their first bytes. */
export function attack(server: DemoServer, count: number): Promise<readonly Attacker[]> {
  return Promise.all(
    Array.from({ length: count }, (_, number) => {
      const start = kinds[number % kinds.length]
      if (start === undefined) throw new Error('there are no kinds of slow clients')
      return start(server, number)
    }),
  )
}

type Kind = (server: DemoServer, number: number) => Promise<Attacker>

const nothing = () => {}
const chunkedHeader = 'Transfer-Encoding: chunked\r\n'

const kinds: readonly Kind[] = [
  slowHead('a client that connects and says nothing', ''),
  slowHead('a request line that stops', 'GET /heal'),
  slowHead('a head that stops', 'GET /health HTTP/1.1\r\nHost: x\r\n'),
  slowHead('a head that comes by the byte', 'GET /health HTTP/1.1\r\nHost: x\r\nX: ', 'y'),
  slowHead('a head that comes by the line', 'GET /health HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n'),
  slowSecondHead,
  slowBody('a body that stops', 'Content-Length: 100000\r\n', '{"a":"'),
  slowBody('a body that comes by the byte', 'Content-Length: 100000\r\n', '{"a":"', 'x'),
  slowBody('a body that comes by the chunk', chunkedHeader, '6\r\n{"a":"\r\n', '1\r\nx\r\n'),
  slowBody('a body that is asked for', 'Content-Length: 9\r\nExpect: 100-continue\r\n', ''),
  refusedBody,
  slowReader('a list that nobody reads', false, askForList),
  slowReader('a list that is read by the KiB', true, askForList),
  slowReader('large documents that nobody reads', false, askForDocuments),
  slowReader('large documents that are read by the KiB', true, askForDocuments),
]

async function begin(
  { port }: DemoServer,
  first: string | Uint8Array,
  pieceBytes?: number,
): Promise<Pick<Attacker, 'client' | 'clientPort'>> {
  const client = await openRawClient(port, pieceBytes === undefined ? {} : { pieceBytes })
  const clientPort = client.socket.localPort ?? 0
  if (first.length > 0) client.socket.write(first)
  return { client, clientPort }
}

function slowHead(title: string, first: string, more = ''): Kind {
  return async (server) => {
    const begun = await begin(server, first)
    const trickle = () => void (more !== '' && begun.client.socket.write(more))
    return { title, ...begun, cutMs: headCutMs, answered: 408, trickle }
  }
}

/** On a connection that is kept alive the time begins with the head. */
async function slowSecondHead(server: DemoServer): Promise<Attacker> {
  const begun = await begin(server, bytesOf({ method: 'GET', path: '/health' }, true))
  await begun.client.waitFor(/"ok"\}$/)
  begun.client.socket.write('GET /health HTTP/1.1\r\n')
  const title = 'the head of a second request that stops'
  return { title, ...begun, cutMs: headCutMs, answered: 408, trickle: nothing }
}

function headOfWrite({ headers }: DemoServer, path: string, more: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}${more}\r\n`
}

function slowBody(title: string, header: string, first: string, more = ''): Kind {
  return async (server, number) => {
    const head = headOfWrite(server, `${demoHome}/slow/d${number}`, header)
    const begun = await begin(server, head + first)
    const trickle = () => void (more !== '' && begun.client.socket.write(more))
    return { title, ...begun, cutMs: bodyCutMs, answered: 408, trickle }
  }
}

async function refusedBody(server: DemoServer): Promise<Attacker> {
  const header = 'Content-Length: 100000\r\n'
  const begun = await begin(server, headOfWrite({ ...server, headers: {} }, slowDocument, header))
  const trickle = () => void begun.client.socket.write('x')
  const title = 'a body that is refused before it comes'
  return { title, ...begun, cutMs: refusedCutMs, answered: 401, trickle }
}

function askForList({ headers }: DemoServer): Uint8Array {
  return bytesOf({ method: 'GET', path: slowList, headers }, true)
}

function askForDocuments({ headers }: DemoServer): Uint8Array {
  const one = bytesOf({ method: 'GET', path: slowDocument, headers }, true)
  return Buffer.concat(Array(pipelined).fill(one))
}

function slowReader(title: string, reads: boolean, ask: (server: DemoServer) => Uint8Array): Kind {
  return async (server) => {
    const begun = await begin(server, ask(server), readBytes)
    const trickle = () => void (reads && begun.client.socket.resume())
    if (!reads) begun.client.socket.pause()
    return { title, ...begun, cutMs: readerCutMs, answered: undefined, trickle }
  }
}
