/**
 * The API, table by table, through the HTTP door of the real server; then the question what the
 * tables did not meet: operations without one of their answers, codes that nothing provoked.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { refusals } from '../../server/contract/errors.ts'
import { operations } from '../../server/operations.ts'
import type { Met } from '../support/client.ts'
import { runScenarios } from '../support/scenarios.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import { admissionChecks } from './admission.ts'
import { wireChecks } from './below-requests.ts'
import { conditionRows } from './conditions.ts'
import { deleteChecks, deleteRows } from './deletes.ts'
import { documentRows, listRows } from './documents.ts'
import {
  bodyScenarios,
  lesserOf,
  methodScenarios,
  nameScenarios,
  rightsScenarios,
} from './every-operation.ts'
import { faultChecks } from './faults.ts'
import { jsonPatchRows, refusedJsonPatchRows } from './json-patches.ts'
import { keyChecks } from './keys.ts'
import { liveRows } from './live-versions.ts'
import { mergePatchRows, patchChecks, patchedLiveRows, patchRows } from './patches.ts'
import { repeatChecks } from './repeats.ts'
import { refusedRepeatChecks } from './repeats-refused.ts'
import { serviceRows } from './service.ts'
import { targetRows } from './targets.ts'
import { tenantDocumentRows } from './tenant-documents.ts'

let started: TestServer | undefined
const met: Met[] = []

const server = (): TestServer => {
  if (started === undefined) throw new Error('the server is not started')
  return started
}

describe('API', () => {
  before(async () => {
    started = await startTestServer()
  })
  after(() => started?.close())

  runScenarios('service', serviceRows, server, met)
  runScenarios('tenant document', tenantDocumentRows, server, met)
  runScenarios('documents', documentRows, server, met)
  runScenarios('lists', listRows, server, met)
  runScenarios('live version', liveRows, server, met)
  runScenarios('conditions', conditionRows, server, met)
  runScenarios('merge patches', mergePatchRows, server, met)
  runScenarios('JSON patches', jsonPatchRows, server, met)
  runScenarios('JSON patches that change nothing', refusedJsonPatchRows, server, met)
  runScenarios('patches of either kind', patchRows, server, met)
  runScenarios('patches and the live version', patchedLiveRows, server, met)
  patchChecks(server, met)
  runScenarios('deletes', deleteRows, server, met)
  deleteChecks(server, met)
  runScenarios('targets and keys', targetRows, server, met)
  runScenarios('rights of every operation', rightsScenarios(), server, met)
  runScenarios('methods of every path', methodScenarios(), server, met)
  runScenarios('names of every operation', nameScenarios(), server, met)
  runScenarios('bodies of every operation', bodyScenarios(), server, met)
  keyChecks(server, met)
  refusedRepeatChecks(server, met)
  repeatChecks(met)
  admissionChecks(met)
  wireChecks(met)
  faultChecks(met)
})

describe('coverage', () => {
  test('every code is provoked', () => {
    const provoked = new Set(met.map(({ code }) => code))
    assert.deepEqual(
      Object.keys(refusals).filter((code) => !provoked.has(code)),
      [],
    )
  })

  for (const operation of operations) {
    const { name, method, statuses, access, takes, path } = operation
    const mine = () => met.filter(({ operation }) => operation === name)

    test(`${name} gave each of its answers`, () => {
      const given = new Set(mine().map(({ status }) => status))
      assert.deepEqual(
        statuses.filter((status) => !given.has(status)),
        [],
      )
    })

    if (access === 'public') continue
    test(`${name} met strangers, rivals and lesser scopes, and what is missing`, () => {
      const strangers = ['nobody', 'garbled', 'unknown', 'forged', 'expired', 'revoked']
      const lessers = access === 'scope' ? ['rival', 'reporter', lesserOf(operation)] : []
      const missed = [
        ...strangers.map((as) => [as, 401] as const),
        ...lessers.map((as) => [as, 403] as const),
      ].filter(([as, status]) => !mine().some((one) => one.as === as && one.status === status))
      assert.deepEqual(missed, [])
      const codes = new Set(mine().map(({ code }) => code))
      const wanted = takes === undefined ? [] : ['UnsupportedMediaType', 'PayloadTooLarge']
      if (path.includes('{collection}')) wanted.push('BadRequest')
      if (looksUp(method, path)) wanted.push('NotFound')
      assert.deepEqual(
        wanted.filter((code) => !codes.has(code)),
        [],
      )
    })
  }
})

/** Whether it needs what it names to be there: a list can be empty, and POST makes documents. */
function looksUp(method: string, path: string): boolean {
  if (path.includes('{keyId}')) return true
  const isDocument = path.includes('/provisioning/') && !path.endsWith('{collection}')
  return isDocument && method !== 'POST'
}
