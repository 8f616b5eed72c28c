/**
 * Takes away what a run made: what it wrote by name, and what its collections list. Where a server
 * has no DELETE, or stops answering, it tells what is left.
 */
import type { Client } from './client.ts'
import type { Answered, Sent } from './exchange.ts'
import { isObject } from './expect.ts'
import type { Site } from './site.ts'

export type LeftBehind = {
  /** Paths of documents that are still there, or may be. */
  readonly documents: readonly string[]
  /** Why they are. */
  readonly reason: string
}

const lanes = 8

/** `written` are paths of documents and collections that a write went to. Never rejects. */
export async function cleanUp(
  site: Site,
  client: Client,
  written: ReadonlySet<string>,
  home: string,
): Promise<LeftBehind | undefined> {
  const send = (method: string, target: string): Promise<Answered | undefined> => {
    const headers: Sent['headers'] = [['Authorization', `Bearer ${site.key}`]]
    return client.send({ method, target, headers, body: undefined }).catch(() => undefined)
  }
  const below = (path: string) => path.slice(home.length + 1).split('/')
  const collections = new Set([...written].map((path) => `${home}/${below(path)[0]}`))
  const list = async (): Promise<string[]> => {
    const found = await each([...collections], async (collection) => {
      const answered = await send('GET', collection)
      const entries = Array.isArray(answered?.json) ? answered.json : []
      return entries
        .filter((entry) => isObject(entry) && typeof entry.id === 'string')
        .map(({ id }) => `${collection}/${encodeURIComponent(id)}`)
    })
    return found.flat()
  }

  const named = [...written].filter((path) => below(path).length > 1)
  let unable: string | undefined
  let silent = 0
  const remove = async (path: string): Promise<string[]> => {
    // A server that is gone, or has no DELETE, is not asked hundreds of times.
    if (unable !== undefined) return [path]
    const { status } = (await send('DELETE', path)) ?? { status: 0 }
    if (status >= 200 && status < 300) return []
    if (status === 0 && ++silent < 3) return [path]
    // What was refused was never there, and a name that is none cannot be deleted either.
    const read = status === 0 ? undefined : await send('GET', path)
    if (read !== undefined && read.status !== 200) return []
    unable =
      status === 0 ? 'the server does not answer' : `the server answers DELETE with ${status}`
    return [path]
  }
  const undone = (await each(same(named, await list()), remove)).flat()
  // What is listed still was not removed, whatever DELETE answered.
  const left = same(undone, unable === undefined ? await list() : [])
  if (left.length === 0) return undefined
  return { documents: left, reason: unable ?? 'they are there though DELETE was answered 2xx' }
}

/** Both, one document once, however its path was escaped. */
function same(one: readonly string[], other: readonly string[]): string[] {
  const paths = new Map<string, string>()
  for (const path of [...one, ...other]) paths.set(decoded(path), path)
  return [...paths.values()]
}

function decoded(path: string): string {
  try {
    return path.split('/').map(decodeURIComponent).join('/')
  } catch {
    return path
  }
}

/** Some at once, in their order. */
async function each<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await run(items[at] as Item)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
