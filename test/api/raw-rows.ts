/**
 * Requests as no well-meaning client sends them, and some that only look so: framing that two
 * parsers may read in two ways, heads that are none, targets that a proxy would fold. Each row says
 * all that comes back, and whether the connection goes on. `{key}` is a key of the tenant acme,
 * `{rivalKey}` one of the tenant rival.
 */

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

export const home = '/api/v1/provisioning/tenants'
export const ownPath = `${home}/acme/users/u`
export const secretPath = `${home}/rival/secret/s`
export const plantedPath = `${home}/rival/secret/planted`

const host = 'Host: x\r\n'
const auth = 'Authorization: Bearer {key}\r\n'
const json = 'Content-Type: application/json\r\n'

/** What is smuggled. If anybody ever took it for a request, it would be granted, and would show. */
const inner =
  `POST ${plantedPath} HTTP/1.1\r\n${host}Authorization: Bearer {rivalKey}\r\n${json}` +
  `Content-Length: 2\r\n\r\n{}GET ${secretPath} HTTP/1.1\r\n${host}` +
  'Authorization: Bearer {rivalKey}\r\n\r\n'

/** As long as `inner` will be on the wire: a key has 58 characters. */
const innerSize = inner.replaceAll('{rivalKey}', 'k'.repeat(58)).length

type Row = readonly [title: string, bytes: string, answers: readonly number[], then: RawRow['then']]

const put = `PUT ${ownPath} HTTP/1.1\r\n${host}${auth}${json}`
const chunks = '2\r\n{}\r\n0\r\n\r\n'

function coded(headers: string, body: string = chunks): string {
  return `${put}${headers}\r\n${body}`
}

function chunked(body: string): string {
  return coded('Transfer-Encoding: chunked\r\n', body)
}

function sized(lengthLine: string, body = '{}'): string {
  return `${put}${lengthLine}\r\n\r\n${body}`
}

function get(target: string, method = 'GET', headers = ''): string {
  return `${method} ${target} HTTP/1.1\r\n${host}${auth}${headers}\r\n`
}

/** A GET of one's own document, with other bytes in the place of its Host. */
function headed(hostLine: string): string {
  return `GET ${ownPath} HTTP/1.1\r\n${hostLine}${auth}\r\n`
}

/** Which of two lengths counts, and what is no length. */
const lengthRows: readonly Row[] = [
  ['a length', sized('Content-Length: 2'), [200], 'open'],
  ['a length behind blanks', sized('Content-Length:    2'), [200], 'open'],
  ['a length before blanks', sized('Content-Length: 2   '), [200], 'open'],
  ['a length behind a tab', sized('Content-Length:\t2'), [200], 'open'],
  ['a length with zeros in front', sized('Content-Length: 0000002'), [200], 'open'],
  ['a length in a header of another name', sized('Content_Length: 2', ''), [400], 'open'],
  ['two equal lengths', sized('Content-Length: 2\r\nContent-Length: 2'), [400], 'closed'],
  ['two lengths', sized('Content-Length: 2\r\nContent-Length: 90', `{}${inner}`), [400], 'closed'],
  [
    'two lengths, the larger first',
    sized('Content-Length: 90\r\nContent-Length: 2'),
    [400],
    'closed',
  ],
  ['two lengths in one line', sized('Content-Length: 2, 2'), [400], 'closed'],
  ['a length with a plus', sized('Content-Length: +2'), [400], 'closed'],
  ['a length with a minus', sized('Content-Length: -2'), [400], 'closed'],
  ['a length with a blank in it', sized('Content-Length: 1 2'), [400], 'closed'],
  ['a length before a colon behind a blank', sized('Content-Length : 2'), [400], 'closed'],
  ['a length with a dot', sized('Content-Length: 2.0'), [400], 'closed'],
  ['a length with an exponent', sized('Content-Length: 2e0'), [400], 'closed'],
  ['a length in hexadecimal', sized('Content-Length: 0x2'), [400], 'closed'],
  ['a length in quotes', sized('Content-Length: "2"'), [400], 'closed'],
  ['a length in other digits', sized('Content-Length: \xd9\xa2'), [400], 'closed'],
  ['a length on a folded line', sized('Content-Length:\r\n 2'), [400], 'closed'],
  ['an empty length', sized('Content-Length: '), [400], 'closed'],
  ['a length beyond 64 bits', sized('Content-Length: 18446744073709551618'), [400], 'closed'],
  ['a length that nothing holds', sized(`Content-Length: ${'9'.repeat(40)}`), [400], 'closed'],
  ['a length too large, that fits', sized('Content-Length: 9007199254740993'), [413], 'closed'],
  ['a length that the body does not reach', sized('Content-Length: 90000'), [408], 'closed'],
  ['a body without a length', sized('X: y'), [400, 400], 'closed'],
  [
    'a request in the body of a GET',
    get(ownPath, 'GET', `Content-Length: ${innerSize}\r\n`) + inner,
    [200],
    'open',
  ],
  [
    'a request in the body of a HEAD',
    get(ownPath, 'HEAD', `Content-Length: ${innerSize}\r\n`) + inner,
    [200],
    'open',
  ],
  [
    'a request in a body that is refused',
    get(ownPath, 'PUT', `Content-Length: ${innerSize}\r\n`) + inner,
    [415],
    'open',
  ],
  [
    'a request in a body that is no JSON',
    sized(`Content-Length: ${innerSize}`, inner),
    [400],
    'open',
  ],
  [
    'a request in the chunks of a GET',
    get(ownPath, 'GET', 'Transfer-Encoding: chunked\r\n') +
      `${innerSize.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    [200],
    'closed',
  ],
]

const te = 'Transfer-Encoding'
const smuggled = `0\r\n\r\n${inner}`

/** Transfer codings, beside a length and by themselves. */
const codingRows: readonly Row[] = [
  ['a chunked body', coded(`${te}: chunked\r\n`), [200], 'open'],
  ['a chunked body in capitals', coded(`${te.toUpperCase()}: CHUNKED\r\n`), [200], 'open'],
  ['a chunked body behind a tab', coded(`${te}:\tchunked\r\n`), [200], 'open'],
  ['a chunked body before a blank', coded(`${te}: chunked \r\n`), [200], 'open'],
  [
    'a chunked body of HTTP/1.0',
    coded(`${te}: chunked\r\n`).replace('/1.1', '/1.0'),
    [200],
    'closed',
  ],
  [
    'a length, then a coding',
    coded(`Content-Length: 5\r\n${te}: chunked\r\n`, smuggled),
    [400],
    'closed',
  ],
  [
    'a coding, then a length',
    coded(`${te}: chunked\r\nContent-Length: 5\r\n`, smuggled),
    [400],
    'closed',
  ],
  [
    'a length beside a coding in capitals',
    coded(`${te}: CHUNKED\r\nContent-Length: 5\r\n`, smuggled),
    [400],
    'closed',
  ],
  [
    'a length beside identity',
    coded(`${te}: identity\r\nContent-Length: 2\r\n`, '{}'),
    [400],
    'closed',
  ],
  [
    'a length beside a coding of another name',
    coded('Transfer_Encoding: chunked\r\nContent-Length: 2\r\n', '{}'),
    [200],
    'open',
  ],
  ['a coding nobody knows', coded(`${te}: xchunked\r\n`), [400], 'closed'],
  ['identity', coded(`${te}: identity\r\n`), [400], 'closed'],
  ['chunked, then identity', coded(`${te}: chunked, identity\r\n`), [400], 'closed'],
  ['identity, then chunked', coded(`${te}: identity, chunked\r\n`), [415], 'closed'],
  ['gzip, then chunked', coded(`${te}: gzip, chunked\r\n`), [415], 'closed'],
  ['chunked twice', coded(`${te}: chunked, chunked\r\n`), [400], 'closed'],
  ['two chunked headers', coded(`${te}: chunked\r\n${te}: chunked\r\n`), [400], 'closed'],
  [
    'identity and chunked in two headers',
    coded(`${te}: identity\r\n${te}: chunked\r\n`),
    [415],
    'closed',
  ],
  [
    'chunked and identity in two headers',
    coded(`${te}: chunked\r\n${te}: identity\r\n`),
    [400],
    'closed',
  ],
  ['chunked with a comma behind', coded(`${te}: chunked,\r\n`), [400], 'closed'],
  ['chunked with a parameter', coded(`${te}: chunked;q=1\r\n`), [400], 'closed'],
  ['chunked in quotes', coded(`${te}: "chunked"\r\n`), [400], 'closed'],
  ['chunked behind a vertical tab', coded(`${te}: \x0bchunked\r\n`), [400], 'closed'],
  ['chunked before a NUL', coded(`${te}: chunked\0\r\n`), [400], 'closed'],
  ['chunked on a folded line', coded(`${te}:\r\n chunked\r\n`), [400], 'closed'],
  ['a coding whose name is folded', coded(`X: y\r\n ${te}: chunked\r\n`), [400], 'closed'],
  ['a coding behind a blank', coded(` ${te}: chunked\r\n`), [400], 'closed'],
  ['a coding with a blank before its colon', coded(`${te} : chunked\r\n`), [400], 'closed'],
  ['a coding behind a bare CR', coded(`X: y\r${te}: chunked\r\n`), [400], 'closed'],
  ['a coding behind a bare LF', coded(`X: y\n${te}: chunked\r\n`), [400], 'closed'],
  ['an empty coding', coded(`${te}: \r\n`), [400], 'closed'],
]

/** Chunks: their sizes, extensions, ends and trailers. */
const chunkRows: readonly Row[] = [
  ['a size with zeros in front', chunked('0000000002\r\n{}\r\n0\r\n\r\n'), [200], 'open'],
  ['a last chunk of three zeros', chunked('2\r\n{}\r\n000\r\n\r\n'), [200], 'open'],
  ['an extension', chunked('2;a=b\r\n{}\r\n0;c\r\n\r\n'), [200], 'open'],
  ['an extension in quotes', chunked('2;a="b;c"\r\n{}\r\n0\r\n\r\n'), [200], 'open'],
  ['an empty extension', chunked('2;\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['an extension that ends in a bare LF', chunked(`2;a\n{}\r\n0\r\n\r\n`), [400], 'closed'],
  ['an extension with a bare CR', chunked('2;a\rb\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  [
    'an extension with a request in it',
    chunked(`2;a\n${inner}\r\n{}\r\n0\r\n\r\n`),
    [400],
    'closed',
  ],
  [
    'an extension of 20 000 bytes',
    chunked(`2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    [400],
    'closed',
  ],
  ['a size before a blank', chunked('2 \r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size behind a blank', chunked(' 2\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size with a plus', chunked('+2\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size with a minus', chunked('-2\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size with 0x', chunked('0x2\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size beyond 64 bits', chunked('10000000000000002\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size of 64 bits', chunked('ffffffffffffffff\r\n{}\r\n0\r\n\r\n'), [408], 'closed'],
  ['no size', chunked('\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['a size that is none', chunked('zz\r\n{}\r\n0\r\n\r\n'), [400], 'closed'],
  ['more than the size', chunked('2\r\n{}XX\r\n0\r\n\r\n'), [400], 'closed'],
  ['less than the size', chunked(`4\r\n{}\r\n0\r\n\r\n${inner}`), [400], 'closed'],
  ['bare LFs', chunked('2\n{}\n0\n\n'), [400], 'closed'],
  ['a chunk that ends in a bare CR', chunked('2\r\n{}\r0\r\n\r\n'), [400], 'closed'],
  ['a last chunk that ends in a bare LF', chunked(`2\r\n{}\r\n0\n\r\n${inner}`), [400], 'closed'],
  ['a trailer', chunked('2\r\n{}\r\n0\r\nX: y\r\n\r\n'), [200], 'open'],
  [
    'a trailer with a foreign key',
    chunked(`2\r\n{}\r\n0\r\nAuthorization: Bearer {rivalKey}\r\n\r\n`),
    [200],
    'open',
  ],
  ['a trailer with a Host', chunked('2\r\n{}\r\n0\r\nHost: y\r\n\r\n'), [200], 'open'],
  [
    'a trailer with a length',
    chunked(`2\r\n{}\r\n0\r\nContent-Length: 50\r\n\r\n${inner}`),
    [400],
    'closed',
  ],
  [
    'a trailer with a coding',
    chunked(`2\r\n{}\r\n0\r\n${te}: chunked\r\n\r\n${smuggled}`),
    [400],
    'closed',
  ],
  ['a trailer with a bare LF', chunked(`2\r\n{}\r\n0\r\nX: y\n\n${inner}`), [400], 'closed'],
  [
    'a trailer of 120 000 bytes',
    chunked(`2\r\n{}\r\n0\r\nX: ${'y'.repeat(120_000)}\r\n\r\n`),
    [431],
    'closed',
  ],
]

/** Line ends, blanks and bytes that heads may not have. */
const lineRows: readonly Row[] = [
  ['a head with bare LFs', get(ownPath).replaceAll('\r\n', '\n'), [400], 'closed'],
  ['a head with bare CRs', get(ownPath).replaceAll('\r\n', '\r'), [400], 'closed'],
  ['a request line that ends in a bare LF', get(ownPath).replace('\r\n', '\n'), [400], 'closed'],
  ['a header that ends in a bare LF', headed('Host: x\n'), [400], 'closed'],
  ['a head that ends in a bare LF', get(ownPath).replace(/\r\n$/, '\n'), [400], 'closed'],
  ['a header that ends in CR CR LF', headed('Host: x\r\r\n'), [400], 'closed'],
  ['a header with a bare CR', headed('Host: x\rA: b\r\n'), [400], 'closed'],
  ['a header with a NUL', headed('Host: x\0\r\n'), [400], 'closed'],
  ['a header with a control byte', headed('Host: x\r\nA: \x01\r\n'), [400], 'closed'],
  ['a header with a DEL', headed('Host: x\r\nA: \x7f\r\n'), [400], 'closed'],
  ['a header with bytes over 0x7F', headed('Host: x\r\nA: \xff\xfe\r\n'), [200], 'open'],
  ['a name of a header with a NUL', headed('Ho\0st: x\r\n'), [400], 'closed'],
  ['a name of a header with a byte over 0x7F', headed('Host: x\r\nA\xff: b\r\n'), [400], 'closed'],
  ['a header without a name', headed('Host: x\r\n: y\r\n'), [400], 'closed'],
  ['a header without a colon', headed('Host: x\r\nnothing\r\n'), [400], 'closed'],
  ['a folded line', headed('Host: x\r\nA: b\r\n c\r\n'), [400], 'closed'],
  ['a folded line as the first header', headed(' A: b\r\nHost: x\r\n'), [400], 'closed'],
  ['a NUL in the target', get(`${ownPath}\0`), [400], 'closed'],
  ['a bare CR in the target', get(`${ownPath}\rx`), [400], 'closed'],
  ['a blank in the target', get(`${ownPath} x`), [400], 'closed'],
  ['a byte over 0x7F in the target', get(`${ownPath}\xe9`), [400], 'closed'],
  ['empty lines in front', `\r\n\r\n${get(ownPath)}`, [200], 'open'],
  ['a blank in front', ` ${get(ownPath)}`, [400], 'closed'],
  ['two blanks before the target', get(` ${ownPath}`), [200], 'open'],
  ['tabs around the target', get(ownPath).replace(/ (\S+) H/, '\t$1\tH'), [400], 'closed'],
  ['a blank behind the version', get(ownPath).replace('HTTP/1.1', 'HTTP/1.1 '), [400], 'closed'],
]

/** Headers that come twice, too many of them, and those that some servers obey. */
const headerRows: readonly Row[] = [
  ['two Hosts', headed('Host: x\r\nHost: y\r\n'), [400], 'open'],
  ['two equal Hosts, one in capitals', headed('Host: x\r\nHOST: x\r\n'), [400], 'open'],
  ['two keys', headed('Host: x\r\nAuthorization: Bearer {rivalKey}\r\n'), [400], 'open'],
  [
    'a key behind 2000 headers',
    headed(`${host}${'A: b\r\n'.repeat(2000)}Authorization: Bearer {rivalKey}\r\n`),
    [400],
    'open',
  ],
  ['5000 headers within the bound', headed(`Host: x\r\n${'A: b\r\n'.repeat(5000)}`), [200], 'open'],
  ['6000 headers', headed(`Host: x\r\n${'A: b\r\n'.repeat(6000)}`), [431], 'open'],
  [
    'a scheme in capitals',
    headed(host).replace('Authorization: Bearer', 'authorization: BEARER'),
    [200],
    'open',
  ],
  ['two types of one body', sized(`${json}Content-Length: 2`), [400], 'open'],
  ['an empty Host', headed('Host:\r\n'), [200], 'open'],
  [
    'a method and a target in headers',
    headed(
      `${host}X-HTTP-Method-Override: DELETE\r\n` +
        `X-Original-URL: ${secretPath}\r\nX-Rewrite-URL: ${secretPath}\r\n`,
    ),
    [200],
    'open',
  ],
  [
    'a Connection that names the key',
    headed('Host: x\r\nConnection: Authorization\r\n'),
    [200],
    'open',
  ],
  [
    'a Connection that names the length',
    sized('Connection: Content-Length\r\nContent-Length: 2'),
    [200],
    'open',
  ],
  [
    'an offer to upgrade',
    headed('Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'),
    [200],
    'closed',
  ],
  [
    'an offer of HTTP/2 with a body',
    sized('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 2'),
    [200],
    'closed',
  ],
  ['an Expect that is met', sized('Expect: 100-continue\r\nContent-Length: 2'), [100, 200], 'open'],
  ['an Expect that nobody knows', sized('Expect: 200-ok\r\nContent-Length: 2'), [200], 'open'],
]

/** Methods and versions. */
const methodRows: readonly Row[] = [
  ['a CONNECT', get('x:80', 'CONNECT'), [400], 'closed'],
  ['a CONNECT to a path', get(ownPath, 'CONNECT'), [400], 'closed'],
  ['a TRACE', get(ownPath, 'TRACE'), [405], 'open'],
  ['a PROPFIND', get(ownPath, 'PROPFIND'), [405], 'open'],
  ['a QUERY', get(ownPath, 'QUERY'), [405], 'open'],
  ['a method in small letters', get(ownPath, 'get'), [400], 'closed'],
  ['a method that nobody knows', get(ownPath, 'BREW'), [400], 'closed'],
  ['a method with a NUL', get(ownPath, 'G\0ET'), [400], 'closed'],
  ['no target', get(ownPath).replace(` ${ownPath}`, ''), [400], 'closed'],
  ['an empty target', get('', 'GET'), [400], 'closed'],
  ['no version', get(ownPath).replace(' HTTP/1.1', ''), [200], 'closed'],
  ['HTTP/1.0', get(ownPath).replace('/1.1', '/1.0'), [200], 'closed'],
  [
    'HTTP/1.0 that is kept alive',
    get(ownPath, 'GET', 'Connection: keep-alive\r\n').replace('/1.1', '/1.0'),
    [200],
    'open',
  ],
  ['HTTP/1.2', get(ownPath).replace('/1.1', '/1.2'), [400], 'closed'],
  ['HTTP/1.10', get(ownPath).replace('/1.1', '/1.10'), [400], 'closed'],
  ['HTTP/2.0', get(ownPath).replace('/1.1', '/2.0'), [200], 'closed'],
  ['the first bytes of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400], 'closed'],
  ['a version in small letters', get(ownPath).replace('HTTP/', 'http/'), [400], 'closed'],
]

/** A target below the tenant acme. */
const at = (below: string) => get(`${home}/acme${below}`)

/** Forms of targets, and paths that something in front may read as another. */
const targetRows: readonly Row[] = [
  ['absolute form', get(`http://other.test${ownPath}`), [200], 'open'],
  ['absolute form to a foreign tenant', get(`http://x${secretPath}`), [403], 'open'],
  ['absolute form without a path', get('http://x'), [200], 'open'],
  ['absolute form of another scheme', get(`ftp://x${ownPath}`), [400], 'open'],
  ['authority form', get('x:80'), [400], 'closed'],
  ['an asterisk', get('*'), [400], 'open'],
  ['OPTIONS of an asterisk', get('*', 'OPTIONS'), [400], 'open'],
  ['a target of 16 384 bytes', get(`/health?${'x'.repeat(16_376)}`), [200], 'open'],
  ['a target of 16 385 bytes', get(`/health?${'x'.repeat(16_377)}`), [414], 'open'],
  ['a target of 60 000 bytes', get(`/${'x'.repeat(59_999)}`), [414], 'closed'],
  ['a target of 200 000 bytes', get(`/${'x'.repeat(199_999)}`), [414], 'closed'],
  ['a foreign tenant', get(secretPath), [403], 'open'],
  ['dot segments', at('/../rival/secret/s'), [404], 'open'],
  ['dot segments in escapes', at('/%2e%2e/rival/secret/s'), [404], 'open'],
  ['dot segments half in escapes', at('/.%2E/rival/secret/s'), [404], 'open'],
  ['dot segments in escapes of escapes', at('/%252e%252e/rival/secret/s'), [404], 'open'],
  ['dot segments with an escaped slash', at('/..%2frival/secret/s'), [404], 'open'],
  ['dot segments with a parameter', at('/..;/rival/secret/s'), [404], 'open'],
  ['dot segments with a backslash', at('/..\\rival\\secret\\s'), [200], 'open'],
  ['dot segments with an escaped backslash', at('/..%5crival%5csecret%5cs'), [200], 'open'],
  ['dot segments out of a document', at('/users/../../rival/secret/s'), [404], 'open'],
  ['dot segments from the root', get(`/..${ownPath}`), [404], 'open'],
  ['dot segments in overlong UTF-8', at('/users/%c0%ae%c0%ae'), [400], 'open'],
  ['a slash in overlong UTF-8', at('/users/..%c0%afrival'), [400], 'open'],
  ['overlong UTF-8 of four bytes', at('/users/%f0%82%82%ac'), [400], 'open'],
  ['half of a surrogate pair', at('/users/%ed%a0%80'), [400], 'open'],
  ['a byte that is no UTF-8', at('/users/%ff'), [400], 'open'],
  ['a tenant with an escaped slash', get(`${home}/acme%2f..%2frival/secret/s`), [403], 'open'],
  ['a tenant with a parameter', get(`${home}/acme;rival/secret/s`), [403], 'open'],
  ['a tenant in capitals', get(`${home}/ACME/users/u`), [403], 'open'],
  ['a tenant in escapes', get(`${home}/%61cme/users/u`), [200], 'open'],
  ['a tenant that is empty', get(`${home}//users/u`), [403], 'open'],
  ['a tenant behind an empty segment', get(`${home}//rival/secret/s`), [403], 'open'],
  ['an empty segment', at('//rival/secret/s'), [400], 'open'],
  ['an empty segment in front', get(`/${ownPath}`), [400], 'open'],
  ['a trailing slash', at('/users/u/'), [400], 'open'],
  ['a dot as a segment', at('/./users/u'), [404], 'open'],
  ['a dot at the end', at('/users/u/.'), [404], 'open'],
  ['a document with a parameter', at('/users/u;x=1'), [404], 'open'],
  ['a document with an escaped NUL', at('/users/u%00'), [400], 'open'],
  ['a document with an escaped line end', at('/users/u%0d%0aX:%20y'), [400], 'open'],
  ['a document with an escaped slash', at('/users/u%2fversions%2fcurrent'), [400], 'open'],
  ['a document with an escaped blank', at('/users/u%20'), [404], 'open'],
  ['a document with an escaped hash', at('/users/u%23x'), [404], 'open'],
  ['a document with escaped letters', at('/users/%75'), [200], 'open'],
  ['a document with half an escape', at('/users/u%2'), [400], 'open'],
  ['a document with an escape that is none', at('/users/u%zz'), [400], 'open'],
  ['a backslash for a slash', at('\\users\\u'), [403], 'open'],
  ['a fragment', at('/users/u#x'), [400], 'open'],
  ['a fragment behind a query', at('/users/u?x#y'), [400], 'open'],
  ['a fragment that holds a path', at(`/users/u#/../../rival/secret/s`), [400], 'open'],
  ['an API in capitals', get(ownPath.toUpperCase()), [404], 'open'],
  ['slashes in escapes', get(ownPath.replaceAll('/', '%2f')), [400], 'closed'],
  [
    'slashes in escapes behind the first',
    get(`/${ownPath.slice(1).replaceAll('/', '%2f')}`),
    [404],
    'open',
  ],
]

function rowsOf(subject: string, rows: readonly Row[]): readonly RawRow[] {
  return rows.map(([title, bytes, answers, then]) => {
    return { title: `${subject}: ${title}`, bytes, answers, then }
  })
}

export const rawRows: readonly RawRow[] = [
  ...rowsOf('length', lengthRows),
  ...rowsOf('coding', codingRows),
  ...rowsOf('chunks', chunkRows),
  ...rowsOf('lines', lineRows),
  ...rowsOf('headers', headerRows),
  ...rowsOf('method and version', methodRows),
  ...rowsOf('target', targetRows),
]
