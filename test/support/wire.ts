/**
 * HTTP/1.1 as bytes: requests as they stand, several at once on a connection that is kept, and
 * answers whole, head and body, as they came. For those who must see every byte, or send what no
 * proper client would.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'

export type WireRequest = {
  readonly method: string
  readonly target: string
  /** In their order, as often as they are there. `Host` is added when none is among them. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** `Content-Length` is added, unless a header says how long it is. */
  readonly body?: string | Uint8Array
}

export type WireAnswer = {
  readonly status: number
  /** Status line and headers as they came, a character a byte. */
  readonly head: string
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
}

/** What goes out for this request; each character of target and headers is a byte. */
export function wireBytes({ method, target, headers = [], body }: WireRequest): Buffer {
  const has = (...names: readonly string[]) =>
    headers.some(([name]) => names.includes(name.toLowerCase()))
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  if (!has('host')) lines.unshift('Host: x\r\n')
  if (body !== undefined && !has('content-length', 'transfer-encoding')) {
    lines.push(`Content-Length: ${Buffer.byteLength(body)}\r\n`)
  }
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)])
}

/** A request on its way: its bytes, and its method, which says whether its answer has a body. */
export type Outgoing = { readonly method: string; readonly bytes: Uint8Array }

export function outgoing(request: WireRequest): Outgoing {
  return { method: request.method, bytes: wireBytes(request) }
}

/** What came back on one connection until it was enough, or ended. */
export type Exchange = {
  readonly answers: readonly WireAnswer[]
  /** Why there are not more; undefined when there are as many as were asked for. */
  readonly end: string | undefined
}

/** How long the server may take for all that was sent at once. */
const patienceMs = 10_000

/** A connection, made anew whenever the server has closed the one before. */
export class Wire {
  private readonly port: number
  private socket: Socket | undefined

  constructor(port: number) {
    this.port = port
  }

  /** Sends all at once and waits for as many answers, or the end. Never rejects. */
  async exchange(requests: readonly Outgoing[], waitMs = patienceMs): Promise<Exchange> {
    const bytes = Buffer.concat(requests.map((request) => request.bytes))
    const methods = requests.map(({ method }) => method)
    const taken = await this.run(bytes, methods, false, waitMs)
    if (taken.end !== undefined || taken.answers.some(closes)) this.close()
    return taken
  }

  /**
   * Sends all at once and gives an answer to each, or a sentence where there is none. What a
   * connection that closed left unanswered is asked again on the next.
   */
  async askEach(requests: readonly Outgoing[]): Promise<(WireAnswer | string)[]> {
    const all: (WireAnswer | string)[] = []
    while (all.length < requests.length) {
      const { answers, end } = await this.exchange(requests.slice(all.length))
      all.push(...answers)
      const silent = requests[all.length]
      // What came behind the end of a connection may have torn the answer away: once more, alone.
      if (silent !== undefined) {
        const again = await this.exchange([silent])
        all.push(again.answers[0] ?? again.end ?? end ?? 'no answer')
      }
    }
    return all
  }

  /** On a connection of its own: sends these bytes, then no more, and takes all that comes. */
  async exchangeAll(bytes: Uint8Array, method: string): Promise<Exchange> {
    this.close()
    const taken = await this.run(bytes, [method], true, patienceMs)
    this.close()
    return taken
  }

  close(): void {
    this.socket?.destroy()
    this.socket = undefined
  }

  private open(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.port, noDelay: true })
    // Who is cut off has an end too; what came before it counts.
    socket.on('error', () => {})
    this.socket = socket
    return socket
  }

  private run(
    bytes: Uint8Array,
    methods: readonly string[],
    toEnd: boolean,
    waitMs: number,
  ): Promise<Exchange> {
    if (this.socket?.destroyed) this.socket = undefined
    const socket = this.socket ?? this.open()
    const reader = new AnswerReader(methods)
    return new Promise((resolve) => {
      const settle = (end: string | undefined) => {
        clearTimeout(timer)
        socket.off('data', take).off('close', onClose)
        resolve({ answers: reader.answers, end })
      }
      const take = (chunk: Uint8Array) => {
        const fault = reader.take(chunk)
        if (fault !== undefined) settle(fault)
        else if (!toEnd && reader.answers.length >= methods.length) settle(undefined)
      }
      const onClose = () => {
        const fault = reader.finish()
        settle(fault ?? (toEnd ? undefined : 'the connection was closed'))
      }
      const timer = setTimeout(() => settle(`${waitMs} ms passed`), waitMs)
      socket.on('data', take).on('close', onClose)
      if (toEnd) socket.end(bytes)
      else socket.write(bytes)
    })
  }
}

function closes({ headers }: WireAnswer): boolean {
  return headers.get('connection')?.join().toLowerCase() === 'close'
}

/** Answers out of chunks. Strict: what is no proper answer is a fault, said in a sentence. */
class AnswerReader {
  readonly answers: WireAnswer[] = []
  private readonly methods: readonly string[]
  private held: Buffer = Buffer.alloc(0)

  constructor(methods: readonly string[]) {
    this.methods = methods
  }

  /** What is wrong with what came; undefined when nothing is. */
  take(chunk: Uint8Array): string | undefined {
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk])
    try {
      while (this.takeAnswer());
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** What is wrong with it when nothing more comes. */
  finish(): string | undefined {
    if (this.held.length === 0) return undefined
    return `it ended in the middle of an answer: ${excerpt(this.held)}`
  }

  private takeAnswer(): boolean {
    const headEnd = this.held.indexOf('\r\n\r\n')
    if (headEnd < 0) return false
    const head = this.held.toString('latin1', 0, headEnd)
    const [line = '', ...lines] = head.split('\r\n')
    const [, digits] = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(line) ?? []
    if (digits === undefined) throw new Error(`this is no status line: ${excerpt(this.held)}`)
    const status = Number(digits)
    const headers = new Map<string, string[]>()
    for (const each of lines) {
      const [, name, value = ''] =
        /^([!#$%&'*+.^_`|~\w-]+): ?([\x20-\x7e\x80-\xff\t]*)$/.exec(each) ?? []
      if (name === undefined) throw new Error(`this is no header: ${JSON.stringify(each)}`)
      const values = headers.get(name.toLowerCase())
      if (values === undefined) headers.set(name.toLowerCase(), [value])
      else values.push(value)
    }
    if (status < 200) {
      this.held = this.held.subarray(headEnd + 4)
      return true
    }
    const method = this.methods[this.answers.length] ?? ''
    const bodiless = method === 'HEAD' || status === 204 || status === 304
    const found = bodiless
      ? { body: Buffer.alloc(0), end: headEnd + 4 }
      : this.body(headers, headEnd + 4)
    if (found === undefined) return false
    this.answers.push({ status, head, headers, body: found.body })
    this.held = this.held.subarray(found.end)
    return true
  }

  private body(
    headers: ReadonlyMap<string, readonly string[]>,
    start: number,
  ): { readonly body: Buffer; readonly end: number } | undefined {
    if (headers.has('transfer-encoding')) return this.chunks(start)
    const length = headers.get('content-length')?.join()
    if (length === undefined || !/^\d+$/.test(length)) {
      throw new Error('an answer does not say how long it is')
    }
    const end = start + Number(length)
    return end > this.held.length ? undefined : { body: this.held.subarray(start, end), end }
  }

  private chunks(start: number): { readonly body: Buffer; readonly end: number } | undefined {
    const pieces: Buffer[] = []
    for (let at = start; ; ) {
      const lineEnd = this.held.indexOf('\r\n', at)
      if (lineEnd < 0) return undefined
      const size = Number.parseInt(this.held.toString('latin1', at, lineEnd), 16)
      if (!(size >= 0)) throw new Error('a chunk does not say how long it is')
      const end = lineEnd + 2 + size + 2
      if (end > this.held.length) return undefined
      if (size === 0) return { body: Buffer.concat(pieces), end }
      pieces.push(this.held.subarray(lineEnd + 2, end - 2))
      at = end
    }
  }
}

function excerpt(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200))
}

/**
 * Asks all of these, on `lanes` connections and `depth` at once on each, and hands each answer over
 * with the place of its request; a sentence where there was none.
 */
export async function askAll(
  port: number,
  requests: Iterable<Outgoing>,
  { lanes, depth }: { readonly lanes: number; readonly depth: number },
  onAnswer: (answer: WireAnswer | string, request: Outgoing, at: number) => void,
): Promise<void> {
  const source = requests[Symbol.iterator]()
  const draw = (): Outgoing[] => {
    const batch: Outgoing[] = []
    while (batch.length < depth) {
      const next = source.next()
      if (next.done) break
      batch.push(next.value)
    }
    return batch
  }
  let drawn = 0
  const lane = async () => {
    const wire = new Wire(port)
    try {
      for (;;) {
        const batch = draw()
        if (batch.length === 0) return
        const first = drawn
        drawn += batch.length
        for (const [place, answer] of (await wire.askEach(batch)).entries()) {
          const request = batch[place]
          if (request !== undefined) onAnswer(answer, request, first + place)
        }
      }
    } finally {
      wire.close()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
