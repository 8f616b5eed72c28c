/** Lists as tests fill and read them. */
import assert from 'node:assert/strict'
import type { Answered, Client } from './client.ts'

type Entry = { readonly id: string; readonly data: object }

/** Makes a document of each name, some at once. The collection is one in a path, escaped. */
export async function fill(
  ask: Client,
  names: readonly string[],
  collection = 'users',
): Promise<void> {
  const waiting = [...names]
  const send = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const path = `${collection}/${encodeURIComponent(name)}`
      assert.equal((await ask(`POST ${path}`, { body: { name } })).status, 201, name)
    }
  }
  await Promise.all(Array.from({ length: 32 }, send))
}

/** Of a list, in its order. */
export const idsOf = ({ json }: Answered): string[] => json.map(({ id }: Entry) => id)

/** The path of the page that follows; undefined behind the last. */
export function nextOf({ headers }: Answered): string | undefined {
  if (headers.link === undefined) return undefined
  const [, path] = /^<([^<>]*)>; rel="next"$/.exec(String(headers.link)) ?? []
  assert.ok(path !== undefined, `no link: ${headers.link}`)
  return path
}

/** The cursor of the page that follows; empty behind the last. */
export function cursorOf(page: Answered): string {
  return /cursor=([\w.-]+)/.exec(nextOf(page) ?? '')?.[1] ?? ''
}
