/**
 * Checks that are one request: what is there before, what is sent, what comes back, what is left
 * behind. Most of the contract is said in such rows; what takes more is a function.
 */
import type { Check, Level, OperationName } from './check.ts'
import {
  contentOf,
  entriesOf,
  expectContent,
  expectHeader,
  expectSame,
  expectStatus,
} from './expect.ts'
import type { More } from './probe.ts'

export type Row = More & {
  readonly clause: string
  readonly title: string
  /** `contract` where a row does not say. */
  readonly level?: Level
  readonly operation?: OperationName
  /** Lines and bodies of what is written first, each 2xx or the check is not asked. */
  readonly given?: readonly (readonly [line: string, body?: unknown])[]
  /** `{etag}` in a header is the ETag of this path, `{doc}` where nothing is said. */
  readonly etagOf?: string
  readonly send: string
  readonly status: number | readonly number[]
  readonly content?: unknown
  /** Of headers in the answer: their form, or undefined where there must be none. */
  readonly has?: { readonly [name: string]: RegExp | string | undefined }
  /** Afterwards, by path: the content, the entries of a list without stamps, or 404. */
  readonly leaves?: { readonly [path: string]: unknown }
}

/** All of one operation, at one level unless a row says another. */
export function checksOf(
  operation: OperationName,
  level: Level,
  rows: readonly Row[],
): readonly Check[] {
  return rows.map((row) => ({
    operation: row.operation ?? operation,
    level: row.level ?? level,
    clause: row.clause,
    title: row.title,
    ...(row.as === 'reader' ? { needs: 'readerKey' as const } : {}),
    async run({ ask, given, etagOf }) {
      for (const [line, body] of row.given ?? []) await given(line, body)
      const { headers = {} } = row
      const wantsTag = Object.values(headers).some((value) => String(value).includes('{etag}'))
      const etag = wantsTag ? await etagOf(row.etagOf ?? '{doc}') : ''
      const filled = Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.replaceAll('{etag}', etag) : value,
      ])
      const answered = await ask(row.send, { ...row, headers: Object.fromEntries(filled) })
      expectStatus(answered, ...[row.status].flat())
      if ('content' in row) expectContent(answered, row.content)
      for (const [name, form] of Object.entries(row.has ?? {})) expectHeader(answered, name, form)
      for (const [path, wanted] of Object.entries(row.leaves ?? {})) {
        const left = await ask(`GET ${path}`)
        if (wanted === 404) expectStatus(left, 404)
        else if (Array.isArray(wanted)) {
          const entries = entriesOf(left).map(({ id, data }) => ({ id, data: contentOf(data) }))
          expectSame(left, 'the entries', entries, wanted)
        } else expectContent(left, wanted)
      }
    },
  }))
}
