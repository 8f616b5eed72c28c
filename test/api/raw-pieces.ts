/**
 * What rows of raw requests are made of: the pieces of a request as they are sent, and what is
 * smuggled in others. `{key}` is a key of the tenant acme, `{rivalKey}` one of the tenant rival.
 */
/** One request as it is sent, and what comes of it. */
export type RawRow = {
  /** A fact on the request, not on its answer. */
  readonly title: string
  /** Sent as they are, a character a byte. */
  readonly bytes: string
  /** The status of each answer that comes back, in order. */
  readonly answers: readonly number[]
  /** What becomes of the connection: a request behind it is answered, or never read. */
  readonly then: 'open' | 'closed'
}

/** Where tenants are, what one may read, what is the rival's, and what must not appear. */
export const home = '/api/v1/provisioning/tenants'
export const ownPath = `${home}/acme/users/u`
export const secretPath = `${home}/rival/secret/s`
export const plantedPath = `${home}/rival/secret/planted`

export const host = 'Host: x\r\n'
export const auth = 'Authorization: Bearer {key}\r\n'
export const json = 'Content-Type: application/json\r\n'

/** What is smuggled. If anybody ever took it for a request, it would be granted, and would show. */
export const inner =
  `POST ${plantedPath} HTTP/1.1\r\n${host}Authorization: Bearer {rivalKey}\r\n${json}` +
  `Content-Length: 2\r\n\r\n{}GET ${secretPath} HTTP/1.1\r\n${host}` +
  'Authorization: Bearer {rivalKey}\r\n\r\n'

/** As long as `inner` will be on the wire: a key has 58 characters. */
export const innerSize = inner.replaceAll('{rivalKey}', 'k'.repeat(58)).length

/** A row before it is told which subject it is of. */
export type Row = readonly [
  title: string,
  bytes: string,
  answers: readonly number[],
  then: RawRow['then'],
]

/** The head of a write, but for what says how long its body is. */
export const put = `PUT ${ownPath} HTTP/1.1\r\n${host}${auth}${json}`

/** A body in one chunk. */
export const chunks = '2\r\n{}\r\n0\r\n\r\n'

/** A write with these headers and this body behind them. */
export function coded(headers: string, body: string = chunks): string {
  return `${put}${headers}\r\n${body}`
}

/** A write with this body, which says itself where it ends. */
export function chunked(body: string): string {
  return coded('Transfer-Encoding: chunked\r\n', body)
}

/** A write whose length is told by this line. */
export function sized(lengthLine: string, body = '{}'): string {
  return `${put}${lengthLine}\r\n\r\n${body}`
}

/** A request without a body. */
export function get(target: string, method = 'GET', headers = ''): string {
  return `${method} ${target} HTTP/1.1\r\n${host}${auth}${headers}\r\n`
}

/** A GET of one's own document, with other bytes in the place of its Host. */
export function headed(hostLine: string): string {
  return `GET ${ownPath} HTTP/1.1\r\n${hostLine}${auth}\r\n`
}

/** The rows with their subject in their titles. */
export function rowsOf(subject: string, rows: readonly Row[]): readonly RawRow[] {
  return rows.map(([title, bytes, answers, then]) => {
    return { title: `${subject}: ${title}`, bytes, answers, then }
  })
}
