/** What the server says of itself, and what is outside of the API. */
import type { Scenario } from '../support/scenarios.ts'

export const serviceRows: readonly Scenario[] = [
  {
    title: 'the service says its name and version without a key',
    as: 'nobody',
    send: 'GET /',
    answers: { status: 200, json: { name: 'tenantry', version: '1.6.0', build: '0.1.0' } },
  },
  {
    title: 'the service is in good health without a key',
    as: 'nobody',
    send: 'GET /health',
    answers: { status: 200, json: { status: 'ok' } },
  },
  {
    title: 'the service is ready without a key',
    as: 'nobody',
    send: 'GET /ready',
    answers: { status: 200, json: { status: 'ok' } },
  },
  {
    title: 'the interface document is there without a key',
    as: 'nobody',
    send: 'GET /openapi.json',
    answers: {
      status: 200,
      text: /^\{"openapi":"3\.1\.0",/,
      headers: { ETag: /^"[0-9a-f]{16}"$/, 'Cache-Control': 'private, no-cache' },
    },
  },
  {
    title: 'the page to try it is there without a key, and is nowhere framed',
    as: 'nobody',
    send: 'GET /docs',
    answers: {
      status: 200,
      text: /^<!doctype html>/,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': /^default-src 'none'; (?!.*unsafe).*frame-ancestors 'none'/,
        'X-Frame-Options': 'DENY',
        'Referrer-Policy': 'no-referrer',
      },
    },
  },
  {
    title: 'the page is not stored when a key came in its query',
    as: 'nobody',
    send: 'GET /docs?bearer_token=tnk_mistyped',
    answers: { status: 200, headers: { 'Cache-Control': 'no-store' } },
  },
  {
    title: 'HEAD of the page answers as GET does, without it',
    as: 'nobody',
    send: 'HEAD /docs',
    answers: { status: 200, text: '', headers: { 'Content-Type': /^text\/html/, ETag: /^"/ } },
  },
  {
    title: 'a condition on the interface document that does not hold is 412',
    as: 'nobody',
    send: 'GET /openapi.json',
    headers: { 'If-Match': '"another"' },
    refused: ['PreconditionFailed', /If-Match/],
  },
  {
    title: 'below the page there is nothing',
    as: 'nobody',
    send: 'GET /docs/page.js',
    refused: ['NotFound', /There is no route/],
  },
  {
    title: 'an absolute target counts as its path',
    as: 'nobody',
    send: 'GET http://example.test/health',
    answers: { status: 200, json: { status: 'ok' } },
  },
  {
    title: 'a path outside the API is missing, and the API is named',
    as: 'nobody',
    send: 'GET /apis/v1/users',
    refused: ['NotFound', /begins with \/api\/v1\/provisioning/],
  },
  {
    title: 'a trailing slash is refused outside the API too',
    as: 'nobody',
    send: 'GET /health/',
    refused: ['BadRequest', /ends in a slash/],
  },
]
