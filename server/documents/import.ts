/**
 * Lines into documents, by the POST rules and through the same command as each door's. A file is
 * checked whole before anything is written, against what is there; what a line says already is not
 * written again. So an import that was cut off is completed by the next one.
 */
import { Refusal } from '../contract/errors.ts'
import type { NumberRule } from '../contract/json.ts'
import type { DocumentAddress, TenantId } from '../contract/names.ts'
import type { WriteRules } from './command.ts'
import { makeCommand } from './command.ts'
import { makeDuplicateFinder } from './duplicates.ts'
import type { NumberedLine } from './lines.ts'
import { parseLine } from './lines.ts'
import type { Resource } from './resource.ts'
import type { DocumentStore } from './store.ts'
import type { WriteCommand } from './write.ts'
import { decideWrite } from './write.ts'

export type ImportNeeds = {
  readonly documents: Pick<DocumentStore, 'read' | 'write'>
  readonly tenant: TenantId
  readonly rules: WriteRules
  readonly numbers: NumberRule
  /** Who writes, as stamps name them. */
  readonly by: string
  /** One for all lines: the record shows what came together. */
  readonly requestId: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Asked between lines; once true, no more are begun. */
  readonly isStopped: () => boolean
  /** How many lines were read, behind each batch of them. */
  readonly onLines: (lines: number) => void
}

type Lines = AsyncIterable<readonly NumberedLine[]>

/** What becomes of a line's document. */
export type LineOutcome = 'created' | 'replaced' | 'unchanged'

export type ImportTally = {
  readonly [Outcome in LineOutcome]: number
} & {
  /** Documents whose live version stays, since their line does not speak of one. */
  readonly liveKept: number
}

export type LineFault = { readonly number: number; readonly reason: string }

export type PlannedChange = {
  readonly outcome: 'created' | 'replaced'
  readonly address: DocumentAddress
}

export type ImportPlan = {
  readonly tally: ImportTally
  /** Lines that cannot be written; the first of them. */
  readonly faultCount: number
  readonly faults: readonly LineFault[]
  /** The first of what would be created or replaced. */
  readonly changes: readonly PlannedChange[]
  readonly stopped: boolean
}

export type ImportEnd = {
  readonly tally: ImportTally
  /** Why it ended before the last line. */
  readonly cut: { readonly number: number; readonly error: unknown } | 'stopped' | undefined
}

/** Enough to see a pattern, few enough to read. */
export const faultsShown = 20
export const changesShown = 20

/** Writes under way: as many as gather for one commit while another is made, and their text. */
const underWayMaxWrites = 256
const underWayMaxCharacters = 4 * 1_048_576

/** What an import of these lines would do now, each line checked; writes nothing. */
export async function planImport(lines: Lines, needs: ImportNeeds): Promise<ImportPlan> {
  const { documents } = needs
  const tally = emptyTally()
  const faults: LineFault[] = []
  const changes: PlannedChange[] = []
  const duplicates = makeDuplicateFinder()
  let faultCount = 0
  let read = 0
  const plan = (stopped: boolean) => ({ tally, faultCount, faults, changes, stopped })
  const note = (number: number, reason: string) => {
    faultCount++
    if (faults.length < faultsShown) faults.push({ number, reason })
  }
  for await (const batch of lines) {
    for (const line of batch) {
      if (needs.isStopped()) return plan(true)
      const command = orReason(() => commandOf(line, needs))
      if ('reason' in command) {
        note(line.number, command.reason)
        continue
      }
      duplicates.note(command.address, line.number)
      const there = await documents.read(command.address)
      const outcome = orReason(() => ({ outcome: decideLine(there, command.command) }))
      if ('reason' in outcome) {
        note(line.number, outcome.reason)
        continue
      }
      count(tally, outcome.outcome, keepsLive(there, command.command))
      if (outcome.outcome !== 'unchanged' && changes.length < changesShown) {
        changes.push({ outcome: outcome.outcome, address: command.address })
      }
    }
    read += batch.length
    needs.onLines(read)
  }
  const found = duplicates.find(faultsShown)
  faultCount += found.count
  for (const { number, first } of found.duplicates) {
    faults.push({ number, reason: `Line ${first} names the same document; keep one of the two.` })
  }
  faults.sort((one, other) => one.number - other.number)
  faults.splice(faultsShown)
  return plan(false)
}

/**
 * Writes these lines, many at once so that they share commits. Every write is durable when this
 * resolves. It ends at the first that fails, and says which; what was under way is waited for.
 */
export async function writeImport(lines: Lines, needs: ImportNeeds): Promise<ImportEnd> {
  const { documents } = needs
  const tally = emptyTally()
  const underWay = makeWindow()
  let stopped = false
  let read = 0
  let cut: { readonly number: number; readonly error: unknown } | undefined
  const cutAt = (number: number, error: unknown) => {
    if (cut === undefined || number < cut.number) cut = { number, error }
  }
  const write = async (number: number, address: DocumentAddress, command: WriteCommand) => {
    try {
      const { action, resource } = await documents.write(address, command)
      count(tally, action === 'create' ? 'created' : 'replaced', keepsLive(resource, command))
    } catch (error) {
      cutAt(number, error)
    }
  }
  /** False when no more may be begun. */
  const begin = async (line: NumberedLine): Promise<boolean> => {
    stopped = needs.isStopped()
    if (stopped || cut !== undefined) return false
    try {
      const { address, command } = commandOf(line, needs)
      // Not decided by: whoever writes in between is overwritten or not, as by any POST.
      const there = await documents.read(address)
      if (says(there, command)) {
        count(tally, 'unchanged', keepsLive(there, command))
        return true
      }
      await underWay.add(charactersOf(command), () => write(line.number, address, command))
    } catch (error) {
      cutAt(line.number, error)
    }
    return true
  }
  reading: for await (const batch of lines) {
    for (const line of batch) if (!(await begin(line))) break reading
    read += batch.length
    needs.onLines(read)
  }
  await underWay.end()
  return { tally, cut: cut ?? (stopped ? 'stopped' : undefined) }
}

type LineCommand = { readonly address: DocumentAddress; readonly command: WriteCommand }

/** Throws the refusal of a line that no store could take. */
function commandOf({ bytes }: NumberedLine, needs: ImportNeeds): LineCommand {
  const { tenant, numbers, rules, now, by, requestId } = needs
  if (bytes === undefined) {
    throw new Refusal(
      'PayloadTooLarge',
      `The line is too long: ${rules.bodySizeMaxBytes} bytes are the most for a document.`,
    )
  }
  const { address, body } = parseLine(bytes, tenant, numbers)
  const said = { part: 'base', mode: 'replace', conditions: {}, repeat: undefined } as const
  const command = makeCommand(address, { ...said, body, by, at: now(), requestId }, rules)
  return { address, command }
}

/** What a write of this command would come to; throws its refusal. */
function decideLine(there: Resource | undefined, command: WriteCommand): LineOutcome {
  if (says(there, command)) return 'unchanged'
  decideWrite(there, command)
  return there === undefined ? 'created' : 'replaced'
}

/** Whether the document is there as it is said, to the order of its members, stamps aside. */
function says(there: Resource | undefined, { content, live }: WriteCommand): boolean {
  if (there === undefined || there.base.content !== content) return false
  return live === undefined || there.live?.content === live
}

function keepsLive(there: Pick<Resource, 'live'> | undefined, { live }: WriteCommand): boolean {
  return live === undefined && there?.live !== undefined
}

function charactersOf({ content, live }: WriteCommand): number {
  return content.length + (live?.length ?? 0)
}

type Counting = { -readonly [Name in keyof ImportTally]: number }

function emptyTally(): Counting {
  return { created: 0, replaced: 0, unchanged: 0, liveKept: 0 }
}

function count(tally: Counting, outcome: LineOutcome, keepsLive: boolean): void {
  tally[outcome]++
  if (keepsLive) tally.liveKept++
}

function orReason<Result extends object>(run: () => Result): Result | { readonly reason: string } {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { reason: error.message }
  }
}

/** Work that may be under way at once. It must not reject. */
function makeWindow() {
  let writes = 0
  let characters = 0
  let wake = () => {}
  const untilOneEnds = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  return {
    /** Begins it, once there is room. */
    async add(size: number, work: () => Promise<void>): Promise<void> {
      while (
        writes === underWayMaxWrites ||
        (writes > 0 && characters + size > underWayMaxCharacters)
      ) {
        await untilOneEnds()
      }
      writes++
      characters += size
      void work().then(() => {
        writes--
        characters -= size
        wake()
      })
    },
    async end(): Promise<void> {
      while (writes > 0) await untilOneEnds()
    },
  }
}
