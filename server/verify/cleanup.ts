/**
 * Takes away what a run made: what it wrote by name, and what its collections list. Where a server
 * has no DELETE, or stops answering, it tells what is left.
 */
import type { Client } from './client.ts'
import { TooLarge } from './client.ts'
import type { Answered, Sent } from './exchange.ts'
import { isObject } from './expect.ts'
import { sendPatiently } from './patience.ts'
import type { Site } from './site.ts'

export type LeftBehind = {
  /** Paths of documents that are still there, or may be. */
  readonly documents: readonly string[]
  /** Why they are. */
  readonly reason: string
}

export type CleanUpNeeds = {
  readonly client: Client
  readonly wait: (delayMs: number) => Promise<void>
}

const lanes = 8
const gone = 'the server does not answer'

/** Of all lists together: a run makes some hundred documents. */
const listedMax = 5000

/** Longer than any name may be, short enough for a target. */
const idMaxCharacters = 2048

/** Enough to know them by. */
const strangeShownMax = 3
const idShownMax = 100

/** `written` are paths of documents and collections that a write went to. Never rejects. */
export async function cleanUp(
  site: Site,
  { client, wait }: CleanUpNeeds,
  written: ReadonlySet<string>,
  home: string,
): Promise<LeftBehind | undefined> {
  let unable: string | undefined
  const send = async (method: string, target: string): Promise<Answered | undefined> => {
    // A server that is gone is not asked hundreds of times.
    if (unable === gone) return undefined
    const headers: Sent['headers'] = [['Authorization', `Bearer ${site.key}`]]
    try {
      return await sendPatiently(client, { method, target, headers, body: undefined }, wait)
    } catch (error) {
      if (error instanceof TooLarge) {
        const sent: Sent = { method, target, headers, body: undefined }
        return { sent, status: error.status, headers: new Map(), text: '', json: undefined }
      }
      unable = gone
      return undefined
    }
  }
  const below = (path: string) => path.slice(home.length + 1).split('/')
  const collections = new Set([...written].map((path) => `${home}/${below(path)[0]}`))
  const strange = new Set<string>()
  const list = async (): Promise<string[]> => {
    const found = new Set<string>()
    await each([...collections], async (collection) => {
      const json = (await send('GET', collection))?.json
      for (const entry of Array.isArray(json) ? json : []) {
        if (found.size >= listedMax || strange.size >= listedMax) return
        if (!isObject(entry) || typeof entry.id !== 'string') continue
        if (isPathName(entry.id)) found.add(`${collection}/${encodeURIComponent(entry.id)}`)
        else strange.add(JSON.stringify(entry.id.slice(0, idShownMax)))
      }
    })
    return [...found]
  }

  const isThere = async (path: string) => ((await send('GET', path))?.status ?? 200) === 200
  const remove = async (path: string): Promise<string[]> => {
    if (unable !== undefined) return [path]
    const status = (await send('DELETE', path))?.status ?? 0
    if (status >= 200 && status < 300) return []
    // What was refused was never there, and a name that is none cannot be deleted either.
    if (!(await isThere(path))) return []
    unable ??= `the server answers DELETE with ${status}`
    return [path]
  }
  const named = [...written].filter((path) => below(path).length > 1)
  const undone = (await each(same(named, await list()), remove)).flat()
  // What is listed still was not removed, whatever DELETE answered.
  const listed = await list()
  const rest = undone.filter((path) => !listed.some((each) => decoded(each) === decoded(path)))
  const there = await each(rest, async (path) => ((await isThere(path)) ? [path] : []))
  const left = [...listed, ...there.flat()]
  if (left.length + strange.size === 0) return undefined
  const reasons = left.length > 0 ? [unable ?? 'they are there though DELETE was answered 2xx'] : []
  if (strange.size > 0) {
    const few = [...strange].slice(0, strangeShownMax).join(', ')
    reasons.push(`it lists ${strange.size} ids that cannot be in a path, such as ${few}`)
  }
  return { documents: left, reason: reasons.join('; ') }
}

/** Dots alone would lead out of the collection. */
function isPathName(id: string): boolean {
  const isShort = id !== '' && id.length <= idMaxCharacters
  return isShort && id !== '.' && id !== '..' && id.isWellFormed()
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
