/** Verification finds what is wrong, and blames nothing else: servers with one fault each. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Level } from '../../server/verify/check.ts'
import type { Run } from '../../server/verify/run.ts'
import { verify } from '../../server/verify/run.ts'
import { systemWorld } from '../../server/world.ts'
import { demoTenant } from '../support/demo-server.ts'
import type { Verified } from '../support/verify-command.ts'
import { startVerified } from '../support/verify-command.ts'
import type { Wrong } from '../support/wrong-server.ts'
import { startWrongServer } from '../support/wrong-server.ts'
import { wrongRows } from '../support/wrong-servers.ts'

let real: Verified
before(async () => {
  real = await startVerified()
})
after(() => real.stop())

const asContract: readonly Level[] = ['published', 'contract']

async function verifyBefore(wrong: Wrong, levels = asContract): Promise<Run> {
  const server = await startWrongServer(real.demo.port, wrong)
  try {
    const stop = new AbortController().signal
    const { key, readerKey } = real
    const site = { base: server.base, tenant: demoTenant, key, readerKey }
    const options = { levels, timeMaxMs: 60_000, stop, onProgress() {} }
    return await verify(site, options, systemWorld)
  } finally {
    await server.close()
  }
}

function failing({ results }: Run): string[] {
  const failed = results.filter(({ outcome }) => outcome.kind === 'fails')
  return [...new Set(failed.map(({ clause }) => clause))].sort()
}

describe('verification', () => {
  test('holds before a proxy that changes nothing, and asks all', async () => {
    const levels = [...asContract, 'extension'] as const
    const run = await verifyBefore({}, levels)
    const other = run.results.filter(({ outcome }) => outcome.kind !== 'holds')
    assert.deepEqual(other, [])
    assert.equal(run.leftBehind, undefined)
  })

  for (const { title, breaks, ...wrong } of wrongRows) {
    test(`names what is broken where ${title}`, async () => {
      const run = await verifyBefore(wrong)
      assert.deepEqual(failing(run), breaks.toSorted())
    })
  }
})
