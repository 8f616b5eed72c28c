/**
 * No lost update: many clients merge different members into one document of the real server at
 * once, and every one of them is there in the end. It takes seconds, so both forms are the same.
 */
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import { makeFolder } from '../support/process.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

const clients = 64
const mergesEach = 50
const merges = clients * mergesEach

export const merge: Gate = {
  name: 'merge',
  about: `${clients} clients × ${mergesEach} merges of different members of one document.`,
  target: `${merges} of ${merges} kept, revision ${merges + 1}, ${merges} ETags`,
  needs: [],
  run,
  control: {
    title: 'reads, merges outside the transaction, and writes back',
    breakages: [
      {
        file: 'server/documents/operations.ts',
        from: `    const outcome = await writeOnce(
      address,
      commandOf(part, modeOf(ask), address, ask, needs),
      needs,
    )`,
        to: `    const before = modeOf(ask) === 'merge' && (await needs.documents.read(address))
    const old = before ? JSON.parse(before.base.content) : {}
    const command = commandOf(part, 'replace', address, ask, needs)
    const content = JSON.stringify({ ...old, ...JSON.parse(command.content) })
    const outcome = await writeOnce(address, { ...command, content }, needs)`,
      },
    ],
  },
}

async function run({ build, tell }: GateOptions): Promise<Verdict> {
  const folder = makeFolder()
  let server: DemoServer | undefined
  try {
    server = await startDemoServer(folder.path, { build })
    return await mergeAll(server, tell)
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

async function mergeAll(
  { port, headers }: DemoServer,
  tell: GateOptions['tell'],
): Promise<Verdict> {
  const path = `${demoHome}/jobs/shared`
  await send(port, { method: 'POST', path, headers, body: '{}' })
  const failures: string[] = []
  const etags = new Set<string | undefined>()
  let done = 0
  const client = async (number: number) => {
    for (let merge = 0; merge < mergesEach; merge++) {
      const body = JSON.stringify({ [nameOf(number, merge)]: number * merge })
      const answer = await send(port, { method: 'PUT', path, headers, body })
      if (answer.status !== 200) failures.push(`a merge was answered ${answer.text}`)
      etags.add(answer.headers.etag)
      if (++done % 800 === 0) tell(`${done} of ${merges} merges`)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))

  const { text, headers: answered } = await send(port, { method: 'GET', path, headers })
  const { updated: _, updatedBy: __, ...members } = JSON.parse(text)
  const kept = countKept(members)
  const strangers = Object.keys(members).length - kept
  const revision = Number(/^"(\d+)-/.exec(answered.etag ?? '')?.[1])
  if (kept !== merges) failures.push(`${kept} of ${merges} merges were kept`)
  if (strangers > 0) failures.push(`${strangers} members are there that nobody sent`)
  if (revision !== merges + 1) failures.push(`the revision is ${revision}, not ${merges + 1}`)
  if (etags.size !== merges) failures.push(`${merges} merges were told ${etags.size} ETags`)
  return { figures: { kept: `${kept} of ${merges}`, revision, ETags: etags.size }, failures }
}

function nameOf(client: number, merge: number): string {
  return `c${client}-${merge}`
}

function countKept(members: { readonly [name: string]: unknown }): number {
  let kept = 0
  for (let client = 0; client < clients; client++) {
    for (let merge = 0; merge < mergesEach; merge++) {
      if (members[nameOf(client, merge)] === client * merge) kept++
    }
  }
  return kept
}
