/** Addresses as people write them, and what is never printed. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { masked } from './masks.ts'
import { masksOf, parseBase } from './site.ts'

describe('an address', () => {
  for (const [text, base] of [
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://API.example.com/', 'https://api.example.com'],
    ['https://example.com/crescendo//', 'https://example.com/crescendo'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ] as const) {
    test(`${text} is ${base}`, () => assert.deepEqual(parseBase(text), { base }))
  }

  for (const [text, fault] of [
    ['', /is no address/],
    ['example.com', /is no address/],
    ['localhost:8080', /is no address of HTTP/],
    ['http://user:pass@example.com', /no user, query or fragment/],
    ['http://example.com/?key=1', /no user, query or fragment/],
    ['http://example.com/x/api/v1/provisioning', /here it is http:\/\/example\.com\/x$/],
  ] as const) {
    test(`"${text}" is none`, () => {
      const parsed = parseBase(text)
      assert.match('fault' in parsed ? parsed.fault : '', fault)
    })
  }
})

test('keys are masked as they are and as a query escapes them, the longer first', () => {
  const site = { base: '', tenant: 't', key: 'abc/def=', readerKey: 'abc/def=ghi' }
  const text = 'abc/def= abc%2Fdef%3D abc/def=ghi'
  assert.equal(
    masked(text, masksOf(site)),
    '$CRESCENDO_API_KEY $CRESCENDO_API_KEY $CRESCENDO_READER_KEY',
  )
})
