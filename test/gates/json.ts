/**
 * What is sent is what is shown, or it is refused: bodies at the edges, and generated ones, by
 * POST, PUT and both kinds of patches, on base and live version. A second reader and a model say
 * what must come of each, to the texts of numbers and the order of members; and what is refused
 * changes nothing.
 */
import fc from 'fast-check'
import type { Exact, ExactObject } from '../support/exact-json.ts'
import { differenceOf, faultOfBody, readExact, told, writeExact } from '../support/exact-json.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import type { Part, State, WriteKind } from './exact-writes.ts'
import { find, show, without, write } from './exact-writes.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { body, patchOn, steps } from './json-bodies.ts'
import { malformedPatches, vectors } from './json-vectors.ts'

type Form = {
  /** Bodies that are sent by POST, and series of writes, for each of the lanes. */
  readonly bodies: number
  readonly series: number
}

const full: Form = { bodies: 2500, series: 1000 }
const short: Form = { bodies: 150, series: 60 }

const lanes = 4

export const json: Gate = {
  name: 'json',
  about: 'Bodies at the edges and generated ones, by POST, PUT and patches, read back exactly.',
  target: '0 silent changes, 0 bodies wrongly taken or refused, 0 refusals that change something',
  needs: [],
  run,
  control: {
    title: 'reads bodies with JSON.parse and writes them with JSON.stringify',
    breakages: [
      {
        file: 'server/contract/json.ts',
        from: "  return new Parser(decode(bytes, wrapping), numbers, wrapping).root('object')",
        to: `  try {
    const body = JSON.parse(decode(bytes, wrapping))
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    if (isObject) return JSON.stringify(body)
  } catch {}
  return new Parser(decode(bytes, wrapping), numbers, wrapping).root('object')`,
      },
    ],
  },
}

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const failures: string[] = []
  const folder = makeFolder()
  let running: Running | undefined
  try {
    const scopes = ['provisioning:*']
    const [key] = await fillStore(folder.path, ['north'], [{ tenant: 'north', scopes }])
    const server = await startFilledServer(folder.path, { build, env: { TENANTRY_LOG: 'events' } })
    running = server.running
    const documents = Array.from(
      { length: lanes },
      (_, lane) => new WatchedDocument(server.port, key?.text ?? '', `lane-${lane}`),
    )
    const [first] = documents
    if (first === undefined) throw new Error('there is no lane')
    await tryVectors(first, failures)
    tell(`${vectors.length} bodies at the edges, ${malformedPatches.length} malformed patches`)
    const check = async (title: string, property: PropertyOn, runs: number) => {
      const checks = documents.map((document, lane) =>
        checkProperty(title, property(document), { runs, seed: seed + lane }, failures),
      )
      await Promise.all(checks)
      tell(`${runs * lanes} ${title}`)
    }
    await check('bodies by POST', bodiesOn, form.bodies)
    await check('series of writes', seriesOn, form.series)
    for (const document of documents) document.close()
    const figures = {
      'bodies at the edges': vectors.length + malformedPatches.length,
      'bodies by POST': form.bodies * lanes,
      'series of writes': form.series * lanes,
      writes: documents.reduce((sum, { taken }) => sum + taken, 0),
      refused: documents.reduce((sum, { refused }) => sum + refused, 0),
      wrong: failures.length,
    }
    return { figures, failures }
  } finally {
    await running?.stop('SIGKILL')
    folder.remove()
  }
}

type PropertyOn = (document: WatchedDocument) => fc.IRawProperty<unknown, true>

const part = fc.constantFrom<Part>('base', 'base', 'live')

const bodiesOn: PropertyOn = (document) =>
  fc.asyncProperty(body, part, async (text, which) => {
    await document.remove()
    await document.write(which, 'replace', Buffer.from(text))
  })

const seriesOn: PropertyOn = (document) => {
  const said = fc.record({
    kind: fc.constantFrom('replace', 'merge', 'merge', 'mergePatch', 'jsonPatch', 'jsonPatch'),
    part,
    text: body,
    steps,
  })
  const following = fc.array(said, { minLength: 1, maxLength: 5 })
  return fc.asyncProperty(body, following, async (text, writes) => {
    await document.remove()
    await document.write('base', 'replace', Buffer.from(text))
    for (const next of writes) {
      const shown = document.shown(next.part)
      const patches = next.kind === 'jsonPatch' && shown !== undefined
      const sent = patches ? patchOn(shown, next.steps, writeExact) : next.text
      const kind: WriteKind = patches || next.kind !== 'jsonPatch' ? next.kind : 'merge'
      await document.write(next.part, kind, Buffer.from(sent))
    }
    await document.checkList()
  })
}

async function checkProperty(
  title: string,
  property: fc.IRawProperty<unknown, true>,
  { runs, seed }: { readonly runs: number; readonly seed: number },
  failures: string[],
): Promise<void> {
  const details = await fc.check(property, { numRuns: runs, seed })
  if (!details.failed) return
  const { errorInstance, counterexample } = details
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  failures.push(`${title}: ${why}; the smallest is ${JSON.stringify(counterexample)}`)
}

async function tryVectors(document: WatchedDocument, failures: string[]): Promise<void> {
  /** `taken` undefined: the model alone says what has to come of it. */
  const attempt = async (title: string, run: () => Promise<number>, taken?: boolean) => {
    try {
      const status = await run()
      if (taken !== undefined && status < 300 !== taken)
        failures.push(`${title}: answered ${status}`)
    } catch (error) {
      failures.push(`${title}: ${error instanceof Error ? error.message : error}`)
    }
  }
  for (const { title, body: text, taken } of vectors) {
    const sent = Buffer.from(text)
    await attempt(title, () => document.write('base', 'replace', sent), taken)
    await attempt(`${title}, by PUT`, () => document.write('base', 'merge', sent), taken)
    await attempt(`${title}, live`, () => document.write('live', 'replace', sent))
    await document.remove()
    await document.write('base', 'replace', Buffer.from('{"a":{"b":1}}'))
  }
  for (const [title, text] of malformedPatches) {
    await attempt(title, () => document.patchWrongly(Buffer.from(text)), false)
  }
}

const types: { readonly [kind in WriteKind]: readonly [method: string, type: string] } = {
  replace: ['POST', 'application/json'],
  merge: ['PUT', 'application/json'],
  mergePatch: ['PATCH', 'application/merge-patch+json'],
  jsonPatch: ['PATCH', 'application/json-patch+json'],
}

const parts: readonly Part[] = ['base', 'live']

/** A document on the server and what the model makes of it. Each method throws what is wrong. */
class WatchedDocument {
  taken = 0
  refused = 0
  private readonly wire: Wire
  private readonly key: string
  private readonly list: string
  private readonly path: string
  private state: State | undefined
  /** What GET answered last, by parts; undefined where nothing is. */
  private texts: { [part in Part]?: string | undefined } = {}

  constructor(port: number, key: string, collection: string) {
    this.wire = new Wire(port)
    this.key = key
    this.list = `/api/v1/provisioning/tenants/north/${collection}`
    this.path = `${this.list}/one`
  }

  close(): void {
    this.wire.close()
  }

  /** The part as GET shows it. */
  shown(which: Part): Exact | undefined {
    const text = this.texts[which]
    return text === undefined ? undefined : readExact(text)
  }

  async remove(): Promise<void> {
    if (this.state === undefined) return
    const { status } = await this.ask({ method: 'DELETE', target: this.path })
    if (status !== 204) throw new Error(`a DELETE was answered ${status}`)
    this.state = undefined
    this.texts = {}
  }

  /** Writes, reads back and compares; gives the status. */
  async write(which: Part, kind: WriteKind, sent: Uint8Array): Promise<number> {
    const expected = this.expect(which, kind, sent)
    const answer = await this.send(which, kind, sent)
    if (typeof expected === 'number') {
      await this.checkRefused(answer, expected)
      return answer.status
    }
    const created = this.texts[which] === undefined
    const status = created ? 201 : 200
    if (answer.status !== status) throw wrong(`${status} is right, not`, answer)
    this.state = expected
    await this.readParts()
    if (this.texts[which] !== answer.body.toString()) {
      throw wrong(`GET shows ${this.texts[which]}, and the answer was`, answer)
    }
    this.compare()
    this.taken++
    return answer.status
  }

  /** A patch that is none. Gives the status. */
  async patchWrongly(sent: Uint8Array): Promise<number> {
    const answer = await this.send('base', 'jsonPatch', sent)
    await this.checkRefused(answer, 400)
    return answer.status
  }

  /** The list shows the base as GET does. */
  async checkList(): Promise<void> {
    const answer = await this.ask({ method: 'GET', target: this.list })
    const base = this.texts.base
    const expected = base === undefined ? '[]' : `[{"id":"one","data":${base}}]`
    if (answer.body.toString() !== expected) throw wrong(`the list is not ${expected}, but`, answer)
  }

  private expect(which: Part, kind: WriteKind, sent: Uint8Array): State | number {
    if (faultOfBody(sent, kind === 'jsonPatch' ? 'array' : 'object') !== undefined) return 400
    const said = readExact(Buffer.from(sent).toString())
    const outcome = write(this.state, which, kind, said, this.shown(which))
    if (typeof outcome === 'number') return outcome
    // The limits hold for the outcome too, which may be deeper and longer than what was sent.
    const whole = show(outcome, 'base')
    return whole && faultOfBody(Buffer.from(writeExact(whole))) === undefined ? outcome : 400
  }

  private send(which: Part, kind: WriteKind, sent: Uint8Array): Promise<WireAnswer> {
    const [method, type] = types[kind]
    const target = this.targetOf(which)
    return this.ask({ method, target, headers: [['Content-Type', type]], body: sent })
  }

  private async checkRefused(answer: WireAnswer, status: number): Promise<void> {
    if (answer.status !== status) throw wrong(`${status} is right, not`, answer)
    const code = { 400: 'BadRequest', 404: 'NotFound', 409: 'Conflict' }[status]
    const refusal = readExact(answer.body.toString())
    const members = refusal.kind === 'object' ? refusal.members : []
    const [[first, said] = ['', refusal], [second] = ['']] = members
    const right = first === 'code' && second === 'message' && said.kind === 'string'
    if (!right || said.value !== code) throw wrong('a refusal is', answer)
    const before = this.texts
    await this.readParts()
    for (const each of parts) {
      if (before[each] !== this.texts[each]) {
        throw new Error(`a refused write changed ${before[each]} into ${this.texts[each]}`)
      }
    }
    this.refused++
  }

  private async readParts(): Promise<void> {
    const asked = parts.map((each) => ({ method: 'GET', target: this.targetOf(each) }))
    const [base, live] = await this.askEach(asked)
    this.texts = { base: textOf(base), live: textOf(live) }
  }

  /** What GET shows, stamps taken out, is what the model has. */
  private compare(): void {
    for (const each of parts) {
      const found = this.shown(each)
      const expected = this.state && show(this.state, each)
      if (found === undefined || expected === undefined) {
        if (found === expected) continue
        throw new Error(
          `${each}: there is ${found && told(found)}, not ${expected && told(expected)}`,
        )
      }
      const plain = withoutStamps(found, each === 'base' && this.state?.live !== undefined)
      const difference = differenceOf(expected, plain)
      if (difference !== undefined) throw new Error(`${each}: ${difference}`)
    }
  }

  private targetOf(which: Part): string {
    return which === 'base' ? this.path : `${this.path}/versions/current`
  }

  private async ask(request: WireRequest): Promise<WireAnswer> {
    const [answer] = await this.askEach([request])
    if (answer === undefined) throw new Error('nothing came back')
    return answer
  }

  private async askEach(requests: readonly WireRequest[]): Promise<readonly WireAnswer[]> {
    const keyed = requests.map((request) =>
      outgoing({
        ...request,
        headers: [['Authorization', `Bearer ${this.key}`], ...(request.headers ?? [])],
      }),
    )
    return (await this.wire.askEach(keyed)).map((answer) => {
      if (typeof answer === 'string') throw new Error(answer)
      return answer
    })
  }
}

function textOf(answer: WireAnswer | undefined): string | undefined {
  if (answer?.status === 404) return undefined
  if (answer?.status !== 200) throw wrong('a GET was answered', answer)
  return answer.body.toString()
}

/** The stamps stand last, in this order; those of a nested live version too. */
function withoutStamps(shown: Exact, hasLive: boolean): ExactObject {
  if (shown.kind !== 'object') throw new Error(`this is no document: ${told(shown)}`)
  const [[updated, at] = [], [updatedBy, by] = []] = shown.members.slice(-2)
  const isStamped = updated === 'updated' && updatedBy === 'updatedBy'
  if (!isStamped || at?.kind !== 'number' || by?.kind !== 'string') {
    throw new Error(`the stamps are not last: ${told(shown)}`)
  }
  const plain = without(shown, 'updated', 'updatedBy')
  const versions = hasLive ? find(plain, 'versions') : undefined
  if (versions?.kind !== 'object') return plain
  const members = versions.members.map(
    ([name, value]) => [name, name === 'current' ? withoutStamps(value, false) : value] as const,
  )
  const unstamped = { kind: 'object', members } as const
  return {
    kind: 'object',
    members: plain.members.map(([name, value]) => [name, name === 'versions' ? unstamped : value]),
  }
}

function wrong(what: string, answer: WireAnswer | undefined): Error {
  return new Error(`${what} ${answer?.status} ${answer?.body.toString().slice(0, 500)}`)
}
