/**
 * A store with everything in it that a store can hold, made before the tests of a file, copies of
 * it that are damaged, and what `tenantry doctor` says of them.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before } from 'node:test'
import type { Finding } from '../../server/contract/finding.ts'
import type { WriteCommand } from '../../server/documents/write.ts'
import type { SaidCommand } from '../../server/storage/conformance/document-commands.ts'
import { commandOf } from '../../server/storage/conformance/document-commands.ts'
import type { FilledKey } from './filled-server.ts'
import { fillStore } from './filled-server.ts'
import { makeFolder, runTenantry } from './process.ts'
import { openTestStorage } from './storage.ts'

// As the commands have it: what they make is its owner's alone.
process.umask(0o077)

const root = makeFolder()
/** A store with everything in it that a store can hold, and nothing wrong. */
export const healthy = join(root.path, 'healthy')
/** Of the tenant acme in it; there before the first test. */
export let key: FilledKey
after(() => root.remove())

/** What `tenantry doctor --json` says, and its exit status. */
export type Report = {
  readonly status: number | null
  readonly verdict: string
  readonly findings: readonly Finding[]
  readonly store: { readonly [name: string]: unknown } | null
}

/** What the disk of this machine is on and how full it is are no matter of these tests. */
export async function examine(
  folder: string,
  words: readonly string[] = [],
  env = {},
): Promise<Report> {
  const args = ['doctor', '--json', '--data', folder, ...words]
  const { status, out, err } = await runTenantry(args, { env })
  assert.ok(out !== '', err)
  const { findings, ...report } = JSON.parse(out)
  return { status, ...report, findings: findings.filter((each: Finding) => each.check !== 'disk') }
}

/** A write by the key. */
function commandByKey(said: SaidCommand): WriteCommand {
  return commandOf({ content: { n: 1 }, by: `apikey:${key.id}`, at: Date.now(), ...said })
}

before(async () => {
  const wanted = ['acme', 'globex'].map((tenant) => ({ tenant, scopes: ['provisioning:*'] }))
  const keys = await fillStore(healthy, ['acme', 'globex'], wanted)
  key = keys[0] as FilledKey
  const storage = await openTestStorage(healthy)
  await storage.keepSecret('signing', new Uint8Array(32).fill(7), Date.now())
  const write = (document: string, said: SaidCommand = {}) =>
    storage.documents.write(
      { tenant: 'acme', collection: 'things', document } as never,
      commandByKey(said),
    )
  for (const name of ['lamp', 'chair', 'é 😀', 'gone', 'again']) await write(name)
  await write('lamp', { live: { text: 'shown' } })
  await write('lamp', { mode: 'merge', content: { m: [1, { x: null }] } })
  await write('chair', { part: 'live', content: { of: 'chair' } })
  await write('chair', { part: 'live', mode: 'delete' })
  await write('made by its live version', { part: 'live' })
  for (const name of ['gone', 'again']) await write(name, { mode: 'delete' })
  await write('again', { repeat: { key: 'k', fingerprint: 'f', keptUntil: Date.now() + 9e7 } })
  const own = { tenant: 'acme', collection: '', document: '' } as never
  await storage.documents.write(own, commandByKey({ versioned: false }))
  for (let n = 0; n < 700; n++) await write(`many ${n}`, { content: { n } })
  for (let n = 0; n < 600; n++) await write(`many ${n}`, { mode: 'delete' })
  const { id } = keys[0] as FilledKey
  const next = {
    id: 'rotated00000',
    hash: new Uint8Array(32).fill(1),
    created: Date.now(),
    createdBy: 't',
  }
  const rotation = { tenant: undefined, next, overlapMs: 6e5 * 24 * 60, at: Date.now() }
  assert.equal(typeof (await storage.identity.rotateKey(id, rotation)), 'object')
  await storage.close()
})

/** The healthy store once more, damaged. */
export function damaged(name: string, damage: (folder: string) => void): string {
  const folder = join(root.path, name.replaceAll(/\W+/g, '-'))
  cpSync(healthy, folder, { recursive: true })
  chmodSync(folder, 0o700)
  damage(folder)
  return folder
}

/** Runs this on the file, past all rules. */
export const sql = (statement: string) => (folder: string) => {
  const connection = new DatabaseSync(join(folder, 'tenantry.sqlite'))
  connection.exec('PRAGMA foreign_keys = OFF')
  connection.exec(statement)
  connection.close()
}

/** Where it lies. */
export const file = (folder: string, name = 'tenantry.sqlite') => join(folder, name)

/** Turns a bit of this text wherever it stands in the file: in which row first is chance. */
export const flip = (text: string) => (folder: string) => {
  const bytes = readFileSync(file(folder))
  let count = 0
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1), count++) {
    bytes[at] = (bytes[at] ?? 0) ^ 1
  }
  assert.ok(count > 0, 'the text is not in the file')
  writeFileSync(file(folder), bytes)
}

/** Names and hashes of all files in it. */
export function contentsOf(path: string): readonly string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return []
  return readdirSync(path, { withFileTypes: true }).map((entry) =>
    entry.isFile()
      ? `${entry.name} ${createHash('sha256')
          .update(readFileSync(join(path, entry.name)))
          .digest('hex')}`
      : entry.name,
  )
}

/** The row of a document of the collection `things`. */
export const of = (document: string) => `WHERE collection = 'things' AND document = '${document}'`
