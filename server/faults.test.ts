/** Which rules of faults are read, which requests they match, and how often they strike. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CallTrace } from './call.ts'
import { Refusal } from './contract/errors.ts'
import { drawFrom, parseFaultRule, withFaults } from './faults.ts'

const tenant = ['api', 'v1', 'provisioning', 'tenants', 'acme']
const pathOf = (...below: string[]) => ({ segments: [...tenant, ...below], fault: undefined })

describe('a rule matches', () => {
  const rows: readonly [string, string, readonly string[], boolean][] = [
    ['*', 'GET', ['users'], true],
    ['PUT', 'PUT', ['users', 'u1'], true],
    ['PUT', 'POST', ['users', 'u1'], false],
    ['PUT *', 'PUT', ['users', 'u1'], true],
    ['/users', 'GET', ['users'], true],
    ['/users', 'GET', ['users', 'u1'], false],
    ['/users/*', 'GET', ['users', 'u1'], true],
    ['users/u1', 'GET', ['users', 'u1'], true],
    ['users/u1', 'GET', ['users', 'u2'], false],
    ['GET /users/*', 'POST', ['users', 'u1'], false],
    ['/bots/*/versions/current', 'GET', ['bots', 'b', 'versions', 'current'], true],
    ['/bots/*', 'GET', ['bots', 'b', 'versions', 'current'], false],
    ['getProvisioningDocument', 'GET', ['users', 'u1'], true],
    ['getProvisioningDocument', 'HEAD', ['users', 'u1'], true],
    ['getProvisioningDocument', 'PUT', ['users', 'u1'], false],
    ['listProvisioningCollection', 'GET', ['users', 'u1'], false],
  ]
  for (const [what, method, below, expected] of rows) {
    test(`${what} ${expected ? 'meets' : 'passes'} ${method} /${below.join('/')}`, () => {
      const { matches } = parseFaultRule(`${what}=503:100%`)
      assert.equal(matches({ method, path: pathOf(...below) }), expected)
    })
  }
})

describe('a rule is refused', () => {
  const rows: readonly [string, RegExp][] = [
    ['', /names no method, operation or path/],
    ['users=503:10%', /names no method, operation or path/],
    ['PRINT *=503:10%', /names no method, operation or path/],
    ['*=504:10%', /says none of the faults/],
    ['*=toString:10%', /says none of the faults/],
    ['*=0ms:10%', /says none of the faults/],
    ['*=601s:10%', /says none of the faults/],
    ['/bots=503', /how often/],
    ['*=503:0%', /how often/],
    ['*=503:101%', /how often/],
    ['*=503:10', /how often/],
    ['*=503:0x', /how often/],
  ]
  for (const [text, message] of rows) {
    test(`"${text}"`, () => {
      assert.throws(
        () => parseFaultRule(text),
        (error) => error instanceof Refusal && message.test(error.message),
      )
    })
  }
})

/** How many of so many requests met a fault, and what the rest was answered. */
async function strike(rules: readonly string[], requests: number, seed: number) {
  const call = withFaults(async () => ({ kind: 'nothing' }), rules.map(parseFaultRule), {
    draw: drawFrom(seed),
    startTimer: (_, action) => {
      action()
      return () => {}
    },
  })
  const met: boolean[] = []
  for (let at = 0; at < requests; at++) {
    const trace: CallTrace = {}
    const request = { method: 'GET', path: pathOf('users', 'u1'), trace }
    await call(request).catch((error: unknown) => assert.ok(error instanceof Refusal))
    met.push(trace.faultAsked !== undefined)
  }
  return met
}

test('a share of the requests meets the fault', async () => {
  const met = (await strike(['*=503:10%'], 20_000, 7)).filter(Boolean).length
  // Five standard deviations of a binomial.
  assert.ok(Math.abs(met - 2000) < 5 * Math.sqrt(20_000 * 0.1 * 0.9), `${met} of 20000`)
})

test('the same seed draws the same faults, and another seed others', async () => {
  const first = await strike(['*=503:50%'], 200, 1)
  assert.deepEqual(await strike(['*=503:50%'], 200, 1), first)
  assert.notDeepEqual(await strike(['*=503:50%'], 200, 2), first)
})

test('the first so many meet the fault, and none after them', async () => {
  assert.deepEqual(await strike(['*=503:2x'], 5, 1), [true, true, false, false, false])
})

test('seed 0 draws as well as others', () => {
  const draw = drawFrom(0)
  const drawn = Array.from({ length: 1000 }, draw)
  assert.ok(drawn.every((value) => value >= 0 && value < 1))
  assert.ok(new Set(drawn).size > 990)
})
