/**
 * The API, table by table, through the HTTP door of the real server; then the question what the
 * tables did not meet: operations without one of their answers, codes that nothing provoked.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { refusals } from '../../server/contract/errors.ts'
import { operations } from '../../server/operations.ts'
import type { Met } from '../support/scenarios.ts'
import { runScenarios } from '../support/scenarios.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import { conditionRows } from './conditions.ts'
import { documentRows, listRows, liveRows, tenantDocumentRows } from './documents.ts'
import {
  bodyScenarios,
  lesserOf,
  methodScenarios,
  nameScenarios,
  rightsScenarios,
} from './every-operation.ts'
import { faultChecks } from './faults.ts'
import { serviceRows, targetRows } from './targets.ts'
import { wireChecks } from './wire.ts'

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
  runScenarios('targets and keys', targetRows, server, met)
  runScenarios('rights of every operation', rightsScenarios(), server, met)
  runScenarios('methods of every path', methodScenarios(), server, met)
  runScenarios('names of every operation', nameScenarios(), server, met)
  runScenarios('bodies of every operation', bodyScenarios(), server, met)
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
    const { name, statuses, access, input, path } = operation
    const mine = () => met.filter(({ operation }) => operation === name)

    test(`${name} gave each of its answers`, () => {
      const given = new Set(mine().map(({ status }) => status))
      assert.deepEqual(
        statuses.filter((status) => !given.has(status)),
        [],
      )
    })

    if (access !== 'scope') continue
    test(`${name} met strangers, rivals and lesser scopes, and a missing document`, () => {
      const missed = [
        ['nobody', 401],
        ['garbled', 401],
        ['unknown', 401],
        ['forged', 401],
        ['expired', 401],
        ['revoked', 401],
        ['rival', 403],
        ['reporter', 403],
        [lesserOf(operation), 403],
      ].filter(([as, status]) => !mine().some((one) => one.as === as && one.status === status))
      assert.deepEqual(missed, [])
      const codes = new Set(mine().map(({ code }) => code))
      const wanted = input === 'none' ? [] : ['UnsupportedMediaType', 'PayloadTooLarge']
      if (path.includes('{collection}')) wanted.push('BadRequest')
      if (!statuses.includes(201) && !path.endsWith('{collection}')) wanted.push('NotFound')
      assert.deepEqual(
        wanted.filter((code) => !codes.has(code as never)),
        [],
      )
    })
  }
})
