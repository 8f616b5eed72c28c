/**
 * Connections on which requests go out as they stand, several at once, and answers come back
 * whole, head and body, as they came: for those who must see every byte.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { WireAnswer } from './wire-answer.ts'
import { AnswerReader } from './wire-answer.ts'
import type { Outgoing } from './wire-request.ts'

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
