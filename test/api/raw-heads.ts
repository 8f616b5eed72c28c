/** Heads that are none, and some that only look so: lines, headers, methods and versions. */
import type { Row } from './raw-pieces.ts'
import { get, headed, host, json, ownPath, rowsOf, secretPath, sized } from './raw-pieces.ts'

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

export const headRows = [
  ...rowsOf('lines', lineRows),
  ...rowsOf('headers', headerRows),
  ...rowsOf('method and version', methodRows),
]
