/** Who is at the other end: of what proxies say, that of the operator's own is believed. */
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { clientAddressOf } from './client-address.ts'

const peer = '192.0.2.9'

function requestOf(forwarded: string | undefined): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const request = new IncomingMessage(socket)
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return request
}

const rows: readonly (readonly [
  fact: string,
  forwarded: string | undefined,
  proxies: number,
  address: string,
])[] = [
  ['without proxies it is the peer', undefined, 0, peer],
  ['without proxies nobody is believed', '198.51.100.1', 0, peer],
  ['of one proxy it is what that one added', '198.51.100.1', 1, '198.51.100.1'],
  ['what the client wrote itself is not believed', '10.0.0.1, 198.51.100.1', 1, '198.51.100.1'],
  [
    'of two proxies it is the second from the right',
    '10.0.0.1, 198.51.100.1, 10.0.0.7',
    2,
    '198.51.100.1',
  ],
  ['blanks around it are no part of it', ' 198.51.100.1 ,10.0.0.7', 2, '198.51.100.1'],
  ['of lines that were joined it is the same', '10.0.0.1,198.51.100.1', 1, '198.51.100.1'],
  ['it may be of IPv6', '2001:db8::1', 1, '2001:db8::1'],
  ['it may have brackets and a port', '[2001:db8::1]:4711', 1, '[2001:db8::1]:4711'],
  ['it may be of IPv4 in IPv6', '::ffff:198.51.100.1', 1, '::ffff:198.51.100.1'],
  ['with fewer entries than proxies it is the peer', '198.51.100.1', 2, peer],
  ['without the header it is the peer', undefined, 1, peer],
  ['with an empty header it is the peer', '', 1, peer],
  ['an empty entry is none', '198.51.100.1, ', 1, peer],
  ['what is no address is none', 'unknown', 1, peer],
  ['nor a hidden name', '_gazonk', 1, peer],
  ['nor a text for the log', '1.1.1.1"} {"level":"x', 1, peer],
  ['nor a line break', '1.1.1.1\n2.2.2.2', 1, peer],
  ['nor a blank inside', '1.1.1.1 2.2.2.2', 1, peer],
  ['nor more than 64 characters', '1'.repeat(65), 1, peer],
]

for (const [fact, forwarded, proxies, address] of rows) {
  test(fact, () => assert.equal(clientAddressOf(requestOf(forwarded), proxies), address))
}

test('of a connection that is gone there may be no address', () => {
  assert.equal(clientAddressOf(new IncomingMessage(new Socket()), 0), undefined)
})
