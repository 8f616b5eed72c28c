/** Cross-origin answers: to listed origins what they need, to all others nothing. */
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { corsHeaders, preflightHeaders } from './cors.ts'

const listed = 'https://app.example.com'
const origins = [listed, 'http://localhost:3000']

function requestOf(method: string, headers: { readonly [name: string]: string }): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.method = method
  Object.assign(request.headers, headers)
  return request
}

/** Headers in turn, as an object; fails when one of them came twice. */
function objectOf(headers: readonly string[] | undefined) {
  assert.ok(headers && headers.length % 2 === 0)
  const pairs = Array.from({ length: headers.length / 2 }, (_, at) =>
    headers.slice(2 * at, 2 * at + 2),
  )
  const object = Object.fromEntries(pairs)
  assert.equal(Object.keys(object).length, pairs.length)
  return object
}

const strangers = [
  'https://app.example.com/',
  'https://APP.example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com.evil.example',
  'https://evil.example/https://app.example.com',
  'https://xapp.example.com',
  `${listed}, http://localhost:3000`,
  'null',
  '*',
  '',
]

describe('an answer', () => {
  test('says nothing of origins where none are listed', () => {
    assert.deepEqual(corsHeaders(requestOf('GET', { origin: listed }), []), [])
  })

  test('to a listed origin names it, and what its pages may read', () => {
    for (const origin of origins) {
      const headers = objectOf(corsHeaders(requestOf('GET', { origin }), origins))
      assert.equal(headers['Access-Control-Allow-Origin'], origin)
      assert.equal(headers.Vary, 'Origin')
      const exposed = (headers['Access-Control-Expose-Headers'] ?? '').split(', ')
      for (const name of ['ETag', 'Link', 'Location', 'Retry-After', 'X-Request-Id']) {
        assert.ok(exposed.includes(name), name)
      }
      for (const name of ['X-Next-Cursor', 'X-Total-Count', 'Idempotency-Replayed']) {
        assert.ok(exposed.includes(name), name)
      }
    }
  })

  test('never allows what a browser would send by itself, such as cookies', () => {
    const request = requestOf('OPTIONS', { origin: listed, 'access-control-request-method': 'PUT' })
    for (const headers of [corsHeaders(request, origins), preflightHeaders(request, origins)]) {
      assert.equal(objectOf(headers)['Access-Control-Allow-Credentials'], undefined)
    }
  })

  test('to another origin says only that it depends on that', () => {
    for (const origin of strangers) {
      assert.deepEqual(corsHeaders(requestOf('GET', { origin }), origins), ['Vary', 'Origin'])
    }
    assert.deepEqual(corsHeaders(requestOf('GET', {}), origins), ['Vary', 'Origin'])
  })
})

describe('a preflight', () => {
  const asking = { 'access-control-request-method': 'PATCH' }

  test('from a listed origin is told every method and header that there is', () => {
    const headers = objectOf(
      preflightHeaders(requestOf('OPTIONS', { origin: listed, ...asking }), origins),
    )
    const methods = (headers['Access-Control-Allow-Methods'] ?? '').split(', ')
    assert.deepEqual(methods.sort(), ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'])
    const allowed = (headers['Access-Control-Allow-Headers'] ?? '').toLowerCase().split(', ')
    for (const name of ['authorization', 'content-type', 'if-match', 'if-none-match']) {
      assert.ok(allowed.includes(name), name)
    }
    for (const name of ['idempotency-key', 'x-request-id']) assert.ok(allowed.includes(name), name)
    assert.match(headers['Access-Control-Max-Age'] ?? '', /^[1-9]\d*$/)
  })

  const others: readonly (readonly [
    title: string,
    method: string,
    headers: object,
    listed: readonly string[],
  ])[] = [
    ['an OPTIONS that asks for no method', 'OPTIONS', { origin: listed }, origins],
    ['another method', 'GET', { origin: listed, ...asking }, origins],
    ['a method in small letters', 'options', { origin: listed, ...asking }, origins],
    ['one without an origin', 'OPTIONS', asking, origins],
    ['one where no origins are listed', 'OPTIONS', { origin: listed, ...asking }, []],
    ...strangers.map(
      (origin) => [`one from ${origin}`, 'OPTIONS', { origin, ...asking }, origins] as const,
    ),
  ]
  for (const [title, method, headers, allowed] of others) {
    test(`is not: ${title}`, () => {
      assert.equal(preflightHeaders(requestOf(method, { ...headers }), allowed), undefined)
    })
  }
})
