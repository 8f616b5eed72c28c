/**
 * An HTTP/1.1 client that sends what it is told: targets as they stand, headers in their order and
 * as often as they are given, bodies as bytes. It follows nothing, decodes nothing, and waits for
 * no answer longer than it was told to.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import type { StartTimer } from '../contract/timer.ts'
import type { Answered, Sent } from './exchange.ts'

export type Client = {
  /** Rejects with `NoAnswer`. */
  readonly send: (sent: Sent) => Promise<Answered>
  /** Ends what is under way, and refuses what would follow. */
  readonly close: () => void
}

export type ClientNeeds = {
  readonly startTimer: StartTimer
  /** For one request, from its first byte to the last of its answer. */
  readonly requestTimeMaxMs: number
}

/** Nothing that is an answer came back; the sentence says what happened instead. */
export class NoAnswer extends Error {
  /** The system's or TLS's own, such as `ECONNREFUSED`; `timeout` after too long. */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Documents are of 1 MiB at most; the lists asked for here have some hundred of some bytes. */
export const answerMaxBytes = 4 * 1_048_576

/** What is said of an answer that is not read to its end. */
export const answerTooLarge = 'the answer is over 4 MiB'

/** More was answered than anything here can be; of the answer only the status is known. */
export class TooLarge extends NoAnswer {
  readonly status: number

  constructor(status: number) {
    super('tooLarge', answerTooLarge)
    this.status = status
  }
}

/** So much of a body is sent that must be refused by the length it announces. */
const announcedSentBytes = 65_536

/** `base` is `http(s)://host[:port][/prefix]`, without a slash behind. */
export function openClient(base: string, needs: ClientNeeds): Client {
  const { protocol, hostname, port, host, pathname } = new URL(base)
  const module = protocol === 'https:' ? https : http
  const agent = new module.Agent({ keepAlive: true, maxSockets: 16 })
  const prefix = pathname === '/' ? '' : pathname
  const open = new Set<http.ClientRequest>()
  let isClosed = false

  const sendOnce = (sent: Sent): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const { method, target, body, announcedBytes } = sent
      const request = module.request({
        agent,
        method,
        // In brackets an IPv6 address is a name to nobody.
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        port: port === '' ? undefined : Number(port),
        path: target.startsWith('/') ? prefix + target : target,
        headers: rawHeaders(sent, host),
      })
      open.add(request)
      let isSettled = false
      const settle = (end: () => void) => {
        if (isSettled) return
        isSettled = true
        cancel()
        open.delete(request)
        end()
      }
      const fail = (error: unknown) => settle(() => reject(noAnswer(error, request.reusedSocket)))
      const cancel = needs.startTimer(needs.requestTimeMaxMs, () => {
        const ms = needs.requestTimeMaxMs
        fail(new NoAnswer('timeout', `no whole answer within ${ms / 1000} s`))
        request.destroy()
      })
      request.on('error', fail)
      request.on('close', () => fail(new NoAnswer('closed', 'the connection was closed')))
      request.on('response', (response) => {
        // One buffer that grows: many small chunks would take many times their bytes.
        let bytes = Buffer.alloc(4096)
        let size = 0
        response.on('data', (chunk: Uint8Array) => {
          const needed = size + chunk.length
          if (needed > answerMaxBytes) {
            fail(new TooLarge(response.statusCode ?? 0))
            request.destroy()
            return
          }
          if (needed > bytes.length) {
            bytes = Buffer.concat([bytes], Math.max(needed, bytes.length * 2))
          }
          bytes.set(chunk, size)
          size = needed
        })
        response.on('error', fail)
        response.on('end', () => {
          const text = bytes.toString('utf8', 0, size)
          settle(() => resolve(answeredOf(sent, response, text)))
          // The rest of a body that was refused is nobody's.
          if (!request.writableFinished) request.destroy()
        })
      })
      if (announcedBytes === undefined) request.end(body)
      else request.write(Buffer.alloc(announcedSentBytes, 'x'))
    })

  return {
    async send(sent) {
      for (let tries = 1; ; tries++) {
        if (isClosed) throw new NoAnswer('stopped', 'it was stopped')
        try {
          return await sendOnce(sent)
        } catch (error) {
          // A server may close a connection that waits just when it is used again.
          if (!(error instanceof WornConnection) || tries > 3) throw error
        }
      }
    },
    close() {
      isClosed = true
      for (const request of open) request.destroy()
      agent.destroy()
    },
  }
}

/** The connection had carried another request before, so that this one may not have arrived. */
class WornConnection extends NoAnswer {}

function noAnswer(error: unknown, isReused: boolean): NoAnswer {
  if (error instanceof NoAnswer && !(isReused && error.code === 'closed')) return error
  const { code = 'closed', message } = error as NodeJS.ErrnoException
  const said = sentences[code] ?? message
  const isWorn = isReused && (code === 'ECONNRESET' || code === 'EPIPE' || code === 'closed')
  return isWorn ? new WornConnection(code, said, error) : new NoAnswer(code, said, error)
}

const sentences: { readonly [code: string]: string } = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  closed: 'the connection was closed without an answer',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the connection could not be made in time',
}

/** Names and values in turn, which Node sends as they are, those that come twice too. */
function rawHeaders({ headers, body, announcedBytes }: Sent, host: string): string[] {
  const has = (name: string) => headers.some(([sent]) => sent.toLowerCase() === name)
  const all = [...headers]
  if (!has('host')) all.unshift(['Host', host])
  const length = announcedBytes ?? body?.length
  if (length !== undefined && !has('content-length')) all.push(['Content-Length', String(length)])
  return all.flat()
}

function answeredOf(sent: Sent, response: http.IncomingMessage, text: string): Answered {
  const headers = new Map<string, string[]>()
  const { rawHeaders } = response
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[at + 1] ?? ''])
  }
  const more = { sent, status: response.statusCode ?? 0, headers, text }
  if (text.length <= parsedOnceMaxCharacters) return { ...more, json: jsonOf(text) }
  // Parsed a text takes up to thirty times as much: of long ones that is not kept.
  return {
    ...more,
    get json() {
      return jsonOf(text)
    },
  }
}

const parsedOnceMaxCharacters = 16_384

/** Far more than any document may have, far less than what recursion can follow. */
const depthMax = 1000

function jsonOf(text: string): unknown {
  if (isDeeperThan(depthMax, text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isDeeperThan(max: number, text: string): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const each = text[at]
    if (isInString && each === '\\') at++
    else if (each === '"') isInString = !isInString
    else if (isInString) continue
    else if (each === '[' || each === '{') {
      if (++depth > max) return true
    } else if (each === ']' || each === '}') depth--
  }
  return false
}
