/**
 * Bodies: taken in within the limit, or refused as they stream in. A client that is refused in the
 * middle of sending can only read the answer if we go on reading for a while, so that is done,
 * bounded in bytes and time, before the connection is closed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../contract/errors.ts'
import { bodyPieceMinBytes, bodyPiecesMax, drainMaxBytes, drainMaxMs } from '../contract/limits.ts'
import { quote } from '../contract/names.ts'
import type { PatchType } from '../contract/operation.ts'
import type { StartTimer } from '../contract/timer.ts'

/** Requests that asked for 100 Continue and got it, so that a body is on its way. */
const continued = new WeakSet<IncomingMessage>()

/** Requests whose body costs too much to be read on. */
const abandoned = new WeakSet<IncomingMessage>()

/** Node's own mark of a body that nobody wants: what the parser still has is not queued for us. */
function abandon(request: IncomingMessage & { _dumped?: boolean }): void {
  abandoned.add(request)
  request._dumped = true
}

/** Up to this much of an unread body is cheaper to read away than a new connection. */
const dumpMaxBytes = 65_536

const jsonTypes = ['application/json'] as const
const patchTypes: readonly PatchType[] = [
  'application/merge-patch+json',
  'application/json-patch+json',
]

/** Whether a body was sent at all. */
export function hasBody(request: IncomingMessage): boolean {
  return isChunked(request) || declaredSize(request) > 0
}

/** The type of a plain body of this kind. Throws `UnsupportedMediaType` for any other. */
export function checkBodyType(
  request: IncomingMessage,
  kind: 'json' | 'patch',
): 'application/json' | PatchType {
  const sent = request.headers['content-type']
  const essence = sent?.split(';', 1)[0]?.trim().toLowerCase()
  const types = kind === 'patch' ? patchTypes : jsonTypes
  const type = types.find((each) => each === essence)
  if (type === undefined) {
    const found = sent === undefined ? 'there is none' : `this is ${quote(sent)}`
    throw new Refusal(
      'UnsupportedMediaType',
      `The Content-Type must be ${types.join(' or ')}; ${found}.`,
      kind === 'patch' ? { acceptPatch: patchTypes } : {},
    )
  }
  checkCodings(request)
  return type
}

function checkCodings(request: IncomingMessage): void {
  const transfer = request.headers['transfer-encoding']
  if (transfer !== undefined && transfer.trim().toLowerCase() !== 'chunked') {
    throw new Refusal(
      'UnsupportedMediaType',
      `The Transfer-Encoding ${quote(transfer)} is not taken; send the body as it is.`,
    )
  }
  const coding = request.headers['content-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') {
    throw new Refusal(
      'UnsupportedMediaType',
      `The Content-Encoding ${quote(coding)} is not taken; send the body as it is.`,
    )
  }
}

/** The whole body. Throws `PayloadTooLarge` at the first byte too many, `BadRequest` if cut. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Uint8Array> {
  if (declaredSize(request) > maxBytes) throw tooLarge(maxBytes)
  if (expectsContinue(request)) {
    continued.add(request)
    response.writeContinue()
  }
  return new Promise((resolve, reject) => {
    const taken = new Taken(declaredSize(request))
    let pieces = 0
    const settle = () => {
      request.off('data', take).off('end', complete).off('close', cutShort).off('error', cutShort)
      request.pause()
    }
    const take = (chunk: Uint8Array) => {
      if (++pieces > bodyPiecesMax + taken.size / bodyPieceMinBytes) {
        settle()
        abandon(request)
        reject(new Refusal('BadRequest', 'The body came in too many small pieces; send it in one.'))
      } else if (taken.size + chunk.length <= maxBytes) {
        taken.add(chunk)
      } else {
        settle()
        reject(tooLarge(maxBytes))
      }
    }
    const complete = () => {
      settle()
      resolve(taken.bytes())
    }
    const cutShort = () => {
      settle()
      reject(new Refusal('BadRequest', 'The body was cut short.'))
    }
    request.on('data', take).on('end', complete).on('close', cutShort).on('error', cutShort)
  })
}

/** Bytes as they come, in one piece: a million chunks of a byte must not be a million objects. */
class Taken {
  size = 0
  private held: Uint8Array = new Uint8Array(0)
  private readonly declared: number

  constructor(declared: number) {
    this.declared = declared
  }

  add(chunk: Uint8Array): void {
    // Most bodies are one chunk, and need no copy.
    if (this.size === 0 && chunk.length === this.declared) this.held = chunk
    else {
      if (this.size + chunk.length > this.held.length) this.grow(this.size + chunk.length)
      this.held.set(chunk, this.size)
    }
    this.size += chunk.length
  }

  bytes(): Uint8Array {
    return this.held.subarray(0, this.size)
  }

  private grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.held.length * 2, 4096))
    larger.set(this.bytes())
    this.held = larger
  }
}

/** Whether so much of the body is still to come that the connection cannot be used again. */
export function mustClose(request: IncomingMessage): boolean {
  return !request.complete && (declaredSize(request) > dumpMaxBytes || isChunked(request))
}

/** Reads on, and throws away, until the client is done or a bound is met. */
export function drain(request: IncomingMessage, startTimer: StartTimer): Promise<void> {
  // A client that waits for 100 Continue and was not told to go on has sent nothing.
  const silent = expectsContinue(request) && !continued.has(request)
  if (request.complete || silent || abandoned.has(request)) return Promise.resolve()
  return new Promise((resolve) => {
    let left = drainMaxBytes
    const finish = () => {
      cancel()
      request.off('data', count).off('end', finish).off('close', finish)
      resolve()
    }
    const count = (chunk: Uint8Array) => {
      left -= chunk.length
      if (left < 0) finish()
    }
    const cancel = startTimer(drainMaxMs, finish)
    request.on('data', count).on('end', finish).on('close', finish)
    request.resume()
  })
}

function declaredSize(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0)
}

function isChunked(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined
}

function expectsContinue(request: IncomingMessage): boolean {
  if (request.httpVersion === '1.0') return false
  return /(^|[\s,])100-continue($|[\s,])/i.test(request.headers.expect ?? '')
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    'PayloadTooLarge',
    `The body is larger than ${maxBytes} bytes, which is the most; split the document.`,
  )
}
