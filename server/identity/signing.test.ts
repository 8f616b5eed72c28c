/** Signatures: they depend on secret, purpose and text, and only whole ones are taken. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { makeSigner, secretBytes } from './signing.ts'

fc.configureGlobal({ seed })
tellSeed()

const secret = Uint8Array.from({ length: secretBytes }, (_, at) => at)
const signer = makeSigner(secret, 'cursor')

test('a signature is the first half of an HMAC-SHA256 over purpose and text', () => {
  const mac = createHmac('sha256', secret).update('cursor').update('\u0000').update('a text')
  const expected = mac.digest().subarray(0, 16).toString('base64url')
  assert.equal(signer.sign('a text'), expected)
  assert.match(expected, /^[\w-]{22}$/)
})

test('a signature fits its text, and no other', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      assert.equal(signer.isSigned(one, signer.sign(one)), true)
      assert.equal(signer.isSigned(other, signer.sign(one)), one === other)
    }),
    { numRuns: 500 },
  )
})

test('equal texts have equal signatures, from every signer of secret and purpose', () => {
  assert.equal(signer.sign('a'), makeSigner(Uint8Array.from(secret), 'cursor').sign('a'))
})

describe('a signature does not fit', () => {
  const text = 'a text'
  const signature = signer.sign(text)

  test('another secret, be it of one bit', () => {
    for (const at of [0, 15, 31]) {
      const other = Uint8Array.from(secret)
      other[at] = (other[at] ?? 0) ^ 1
      assert.equal(makeSigner(other, 'cursor').isSigned(text, signature), false)
    }
  })

  test('another purpose, and purposes do not flow into texts', () => {
    assert.equal(makeSigner(secret, 'webhook').isSigned(text, signature), false)
    const split = makeSigner(secret, 'cursora').isSigned(' text', signature)
    assert.equal(split, false)
  })

  test('when a character is changed, cut or added', () => {
    for (let at = 0; at < signature.length; at++) {
      for (const letter of 'AQgw_-09z=') {
        const changed = signature.slice(0, at) + letter + signature.slice(at + 1)
        assert.equal(signer.isSigned(text, changed), changed === signature, changed)
      }
      assert.equal(signer.isSigned(text, signature.slice(0, at)), false)
    }
    for (const more of ['=', '==', 'A', ' ', '\n', '.', '!', signature]) {
      assert.equal(signer.isSigned(text, signature + more), false, JSON.stringify(more))
      assert.equal(signer.isSigned(text, more + signature), false, JSON.stringify(more))
    }
  })

  test('in the alphabet of plain base64, or with bits that no byte has', () => {
    const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`)
    const dashed = texts.find((each) => /[-_]/.test(signer.sign(each)))
    assert.ok(dashed !== undefined)
    const plain = signer.sign(dashed).replaceAll('-', '+').replaceAll('_', '/')
    assert.equal(signer.isSigned(dashed, plain), false)
    // 16 bytes end in a character of which four bits count; its neighbour decodes to the same.
    const last = String.fromCharCode(signature.charCodeAt(21) + 1)
    const neighbour = signature.slice(0, 21) + last
    assert.deepEqual(Buffer.from(neighbour, 'base64url'), Buffer.from(signature, 'base64url'))
    assert.equal(signer.isSigned(text, neighbour), false)
  })
})
