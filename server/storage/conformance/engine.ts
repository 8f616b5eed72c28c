/**
 * What a conformance suite asks of an engine, and the ground that its checks stand on. All checks
 * of a suite share one store, and a store may outlive the run: each takes tenants of its own.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Refusal } from '../../contract/errors.ts'
import type { TenantId } from '../../contract/names.ts'
import { parseTenantId } from '../../contract/names.ts'
import type { Storage } from '../engine.ts'

export type OpenStore = Pick<
  Storage,
  'identity' | 'documents' | 'keepSecret' | 'readHealth' | 'readSizes' | 'close'
>

export type Engine = {
  readonly name: string
  /** Begins every tenant and key id; new for each run of a test file on a store that stays. */
  readonly prefix: string
  /** Opens the one store of this engine as a server does; closed before it is opened again. */
  readonly open: () => Promise<OpenStore>
  /** Opens it beside that, several times at once, as another process would. */
  readonly openBeside: () => Promise<OpenStore>
  /** Backs the one store up, and gives what restores that into a store of its own and opens it. */
  readonly backUp: () => Promise<() => Promise<OpenStore>>
  /** Resolves some milliseconds later. */
  readonly pause: () => Promise<void>
  /** Names a check of the suite that this engine cannot run, and says why: no silent skips. */
  readonly skip: { readonly [check: string]: string }
}

export type Ground = Omit<OpenStore, 'close'> & {
  /** An id that nobody had before, at most 64 characters; what is appended to it is as new. */
  readonly freshId: () => string
  /** Makes a tenant, of a fresh id or of this one. */
  readonly makeTenant: (id?: string) => Promise<TenantId>
  /** The same store once more, as another process would open it; closed after the check. */
  readonly openBeside: () => Promise<OpenStore>
  /** The same store at this moment, opened when it is asked for; closed after the check. */
  readonly backUp: () => Promise<() => Promise<OpenStore>>
  /** Resolves once `body` does, and rejects with it if it still rejects after a second. */
  readonly withinSecond: (body: () => Promise<void>) => Promise<void>
  /** Resolves some milliseconds later. */
  readonly pause: () => Promise<void>
}

export type Check = (title: string, body: (ground: Ground) => Promise<void>) => void

let ids = 0

/** Declares a suite: one store for all of its checks, opened before them and closed after. */
export function suite(engine: Engine, room: string, declare: (check: Check) => void): void {
  describe(`${engine.name}: ${room}`, () => {
    let store: OpenStore | undefined
    const titles = new Set<string>()
    before(async () => {
      store = await engine.open()
    })
    after(async () => {
      await store?.close()
    })

    declare((title, body) => {
      titles.add(title)
      test(title, { skip: engine.skip[title] ?? false }, async (context) => {
        assert.ok(store)
        const { close: _, ...ports } = store
        await body({
          ...ports,
          freshId: () => freshId(engine),
          makeTenant: (id) => makeTenant(ports.identity, id ?? freshId(engine)),
          openBeside: async () => {
            const beside = await engine.openBeside()
            context.after(() => beside.close())
            return beside
          },
          backUp: async () => {
            const restore = await engine.backUp()
            return async () => {
              const restored = await restore()
              context.after(() => restored.close())
              return restored
            }
          },
          withinSecond: (body) => withinSecond(engine, body),
          pause: engine.pause,
        })
      })
    })

    test('every skip names a check', () => {
      assert.deepEqual(
        Object.keys(engine.skip).filter((title) => !titles.has(title)),
        [],
      )
    })
  })
}

/** The refusal that this comes to; fails for any other outcome. */
export async function refusalOf(attempt: Promise<unknown>): Promise<Refusal> {
  const [outcome] = await Promise.allSettled([attempt])
  assert.ok(outcome.status === 'rejected', 'it was not refused')
  assert.ok(outcome.reason instanceof Refusal, `not a refusal: ${outcome.reason}`)
  return outcome.reason
}

/** For `sort`: the order of the contract. UTF-16, which JavaScript compares, has another. */
export function bytewise(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

async function withinSecond({ pause }: Engine, body: () => Promise<void>): Promise<void> {
  const start = performance.now()
  for (;;) {
    const [outcome] = await Promise.allSettled([body()])
    if (outcome.status === 'fulfilled') return
    if (performance.now() - start > 1000) throw outcome.reason
    await pause()
  }
}

function freshId({ prefix }: Engine): string {
  ids++
  const id = `${prefix}.${ids}.`
  assert.ok(id.length <= 64, 'the prefix of the engine is too long')
  return id
}

async function makeTenant(identity: Storage['identity'], id: string): Promise<TenantId> {
  const tenant = parseTenantId(id)
  assert.equal(await identity.createTenant({ id: tenant, created: 1, createdBy: 'check' }), true)
  return tenant
}
