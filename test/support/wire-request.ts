/** Requests as bytes, as they stand: for those who send what no proper client would. */
import type { Sent } from './http.ts'

export type WireRequest = {
  readonly method: string
  readonly target: string
  /** In their order, as often as they are there. `Host` is added when none is among them. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** `Content-Length` is added, unless a header says how long it is. */
  readonly body?: string | Uint8Array
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

/** One request as bytes, after which the server closes the connection unless it `isFollowed`. */
export function bytesOf({ method, path, headers = {}, body }: Sent, isFollowed = false): Buffer {
  const listed = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  )
  const end = isFollowed ? [] : [['Connection', 'close'] as const]
  const sent = { method, target: path, headers: [...listed, ...end] }
  return wireBytes(body === undefined ? sent : { ...sent, body })
}

/** A request on its way: its bytes, and its method, which says whether its answer has a body. */
export type Outgoing = { readonly method: string; readonly bytes: Uint8Array }

export function outgoing(request: WireRequest): Outgoing {
  return { method: request.method, bytes: wireBytes(request) }
}
