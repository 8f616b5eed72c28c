/**
 * The other limit: SQLite alone, in a process of its own. What it runs are the server's own
 * statements, recorded once from a write through the server's code, so that they cannot drift
 * apart; what the server decides and checks around them is left out.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { WriteCommand } from '../server/documents/write.ts'
import { packWrite } from '../server/storage/sqlite/crossing.ts'
import { checkpointOf, openWriter } from '../server/storage/sqlite/database.ts'
import { documentTasks } from '../server/storage/sqlite/document-tasks.ts'
import { addressesOf, contentOf, hotDocuments } from './documents.ts'

export type SqliteRequest = {
  readonly run: 'write' | 'read'
  /** Writes a commit; reads are a transaction each. */
  readonly batch: number
  readonly seconds: number
}

export type SqliteAnswer = { readonly count: number; readonly ms: number }

type Recorded = {
  readonly call: 'get' | 'run'
  readonly sql: string
  readonly returnsArrays: boolean
  readonly values: readonly SQLInputValue[]
}

const [file = ''] = process.argv.slice(2)
const { connection, transaction } = openWriter(file, {
  busyTimeoutMs: 5000,
  alone: true,
})
const checkpoint = checkpointOf(connection)
const addresses = [...addressesOf(hotDocuments)]
const [first, ...others] = addresses
if (first === undefined) throw new Error('there are no hot documents')

/** Any key: the server asks of each write whether the key of its caller lives. */
const keyId = String(connection.prepare('SELECT id FROM keys LIMIT 1').get()?.id)

const recorded = transaction(() => recordWrite(connection))
const readAt = recorded.findIndex(({ sql }) => /FROM documents/.test(sql))
const statements = recorded.map(({ call, sql, returnsArrays }) => {
  const statement = connection.prepare(sql)
  statement.setReturnArrays(returnsArrays)
  return { call, statement }
})
/** For each hot document the values of each statement. */
const values = [first, ...others].map(({ document }) =>
  recorded.map((each) => each.values.map((value) => (value === first.document ? document : value))),
)

process.on('message', ({ run, batch, seconds }: SqliteRequest) => {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < seconds * 1000) {
    if (run === 'read') for (let turn = 0; turn < batch; turn++) runStatement(count++, readAt)
    else {
      // The connection does none by itself, and the server's writer does it here.
      checkpoint()
      transaction(() => {
        for (let turn = 0; turn < batch; turn++) {
          for (const at of statements.keys()) runStatement(count, at)
          count++
        }
      })
    }
  }
  const answer: SqliteAnswer = { count, ms: performance.now() - began }
  process.send?.(answer)
})
console.log('ready')

function runStatement(count: number, at: number): void {
  const step = statements[at]
  step?.statement[step.call](...(values[count % values.length]?.[at] ?? []))
}

/** Lets the server's code write one document, and notes each statement that it runs. */
function recordWrite(real: DatabaseSync): readonly Recorded[] {
  const found: Recorded[] = []
  const recorder = {
    prepare(sql: string) {
      const statement = real.prepare(sql)
      let returnsArrays = false
      const note =
        (call: Recorded['call']) =>
        (...values: SQLInputValue[]) => {
          found.push({ call, sql, returnsArrays, values })
          return statement[call](...values)
        }
      const setReturnArrays = (on: boolean) => {
        returnsArrays = on
        statement.setReturnArrays(on)
      }
      return { get: note('get'), run: note('run'), setReturnArrays }
    },
  }
  const command: WriteCommand = {
    part: 'base',
    versioned: true,
    repeat: undefined,
    mode: 'replace',
    mergeDepth: 'deep',
    content: contentOf(0),
    live: undefined,
    conditions: {},
    by: `apikey:${keyId}`,
    at: Date.now(),
    requestId: 'bench',
    sizeMaxBytes: 1_048_576,
  }
  const tasks = documentTasks(recorder as unknown as DatabaseSync)
  tasks.write(packWrite(first as NonNullable<typeof first>, command))
  return found
}
