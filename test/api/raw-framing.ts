/**
 * Framing that two parsers may read in two ways: lengths, codings, chunks, and what may be
 * smuggled in them.
 */
import type { Row } from './raw-pieces.ts'
import { chunked, coded, get, inner, innerSize, ownPath, rowsOf, sized } from './raw-pieces.ts'

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

export const framingRows = [
  ...rowsOf('length', lengthRows),
  ...rowsOf('coding', codingRows),
  ...rowsOf('chunks', chunkRows),
]
