/**
 * The text of a key is in the answer that made it and nowhere else. Keys are made, brought along,
 * rotated, mistyped and used in every way, by every operation and to every status; then the log,
 * the files of the data folder, the metrics, the other answers and the output of commands are
 * searched for any part of any of them. The secret that signs cursors is in the database alone.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FilledServer } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import { findFreePort, makeFolder, runTenantry } from '../support/process.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Keys } from './key-uses.ts'
import {
  Caller,
  tenant,
  useByCommands,
  useEverywhere,
  useForStatuses,
  useUnderPressure,
} from './key-uses.ts'
import { inBase64, Secrets } from './secret-search.ts'

export const secrets: Gate = {
  name: 'secrets',
  about: 'Keys in every use and misuse, then a search of log, files, metrics and answers for them.',
  target: '0 parts of a key anywhere but in the answer that made it',
  needs: [],
  run,
  control: {
    title: 'logs the URL in the place of the route',
    breakages: [
      {
        file: 'server/http/handle.ts',
        from: '    route: trace.route,\n',
        to: '    route: request.url,\n',
      },
    ],
  },
}

/** All that a server answers but for what takes a broken disk (507) or a patient client (408). */
const statusesDue = [
  ...[200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 429, 431],
  ...[500, 503],
]

async function run({ build, short, tell }: GateOptions): Promise<Verdict> {
  const folder = makeFolder()
  const found = new Secrets()
  const statuses = new Set<number>()
  let bytes = 0
  let answers = 0
  let server: FilledServer | undefined
  try {
    const keys = await makeKeys(folder.path, build, found)
    const metricsPort = String(await findFreePort())
    const start = (settings: { readonly [name: string]: string }) => {
      const env = { TENANTRY_METRICS_PORT: metricsPort, ...settings }
      return startFilledServer(folder.path, { build, env })
    }
    const searchRun = async (place: string, { running }: FilledServer) => {
      const lives = running.child.exitCode === null && running.child.signalCode === null
      const metrics = lives ? await readMetrics(metricsPort) : ''
      const { out, err } = running.printed
      found.search(`${place}, the metrics`, metrics)
      found.search(`${place}, stdout`, out)
      found.search(`${place}, the log`, err)
      if (/bearer/i.test(out + err + metrics)) {
        found.findings.push(`${place}, the log or the metrics have a header or query with a key`)
      }
      bytes += metrics.length + out.length + err.length + found.searchFolder(place, folder.path)
    }

    server = await start({ TENANTRY_BODY_SIZE_MAX_BYTES: '4096' })
    const first = new Caller(server.port, found, statuses)
    await useEverywhere(first, keys)
    await useByCommands(folder.path, build, keys, found)
    await useForStatuses(first, keys.owner)
    if (!short) await first.raw(`GET / HTTP/1.1\r\nAuthorization: Bearer ${keys.owner}\r\n`, 408)
    await searchRun('a server that runs', server)
    await server.running.stop()
    await searchRun('a server that stopped', server)
    tell(`${first.count} answers, ${found.count} texts of keys`)

    spoil(folder.path)
    server = await start({ TENANTRY_KEY_RATE: '1', TENANTRY_IN_FLIGHT_MAX: '1' })
    const second = new Caller(server.port, found, statuses)
    await useUnderPressure(second, keys)
    await searchRun('a server under pressure', server)
    await server.running.stop('SIGKILL')
    await searchRun('a server that was killed', server)
    answers = first.count + second.count
    checkSigningSecret(folder.path, [first, second], server, found)
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
  const missed = statusesDue.filter((status) => !statuses.has(status))
  if (missed.length > 0) throw new Error(`nothing was answered with ${missed.join(', ')}`)
  const figures = {
    answers,
    statuses: statuses.size,
    'texts of keys': found.count,
    'bytes searched': bytes,
    found: found.findings.length,
  }
  return { figures, failures: found.findings }
}

async function makeKeys(dataFolder: string, build: string, found: Secrets): Promise<Keys> {
  const scopes = ['provisioning:*', 'keys:*']
  const [expired, revoked, other, lesser, brought] = await fillStore(
    dataFolder,
    [tenant, 'south'],
    [
      { tenant, scopes, expiresAt: 1 },
      { tenant, scopes, revoked: 1 },
      { tenant: 'south', scopes },
      { tenant, scopes: ['provisioning:users.read'] },
      { tenant, scopes, text: 'brought.along-KQ7xZ2mW9cT4vB1nY6pR3sD8fG5hJ0' },
    ],
  )
  const command = ['key', 'create', '--tenant', tenant, '--scope', ...scopes]
  const env = { TENANTRY_DATA: dataFolder }
  const made = await runTenantry(command, { build, env })
  if (made.status !== 0) throw new Error(`a key could not be made: ${made.err}`)
  const owner = made.out.trim()
  const keys: { owner: string; [what: string]: string } = {
    owner,
    'a key that is expired': expired?.text ?? '',
    'a key that is revoked': revoked?.text ?? '',
    'a key of another tenant': other?.text ?? '',
    'a key of few rights': lesser?.text ?? '',
    'a key that was brought along': brought?.text ?? '',
    'a key that is mistyped': owner.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
    'a key that is cut off': owner.slice(0, -3),
    'a key that nobody has': `${owner.slice(0, 16)}${'zY3xW8vU5tS2'.repeat(3)}${owner.slice(52)}`,
    'a text that was never a key': 'never.a.key-3kF8sLq2Wp7Zx5Vb9Nm4Tc6Rd1',
  }
  if ((await runTenantry(['key', 'create', '--help'], { build })).out.includes('--import')) {
    const text = 'imported.key-Hn5Jw8Rk3Tz6Bq9Xd2Mv7Lc4Sp'
    const imported = await runTenantry([...command, '--import'], { build, env, input: text })
    if (imported.status !== 0) throw new Error(`a key could not be imported: ${imported.err}`)
    keys['a key that was imported'] = text
  }
  for (const [what, text] of Object.entries(keys)) found.add(text, what)
  found.search('the message of key create', made.err)
  return keys
}

/** Makes a row differ from its checksum, so that who reads it meets a fault. */
function spoil(dataFolder: string): void {
  const database = new DatabaseSync(join(dataFolder, 'tenantry.sqlite'))
  database.exec(`UPDATE documents SET content = '{"spoilt":true}' WHERE document = 'spoilt'`)
  database.close()
}

async function readMetrics(port: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (answer.status !== 200) throw new Error(`the metrics were answered with ${answer.status}`)
  return answer.text()
}

/** It is in the database, and neither told nor written anywhere else. */
function checkSigningSecret(
  dataFolder: string,
  callers: readonly Caller[],
  { running }: FilledServer,
  { findings }: Secrets,
): void {
  const database = new DatabaseSync(join(dataFolder, 'tenantry.sqlite'), { readOnly: true })
  const rows = database.prepare('SELECT secret FROM secrets').all()
  database.close()
  if (rows.length === 0) throw new Error('there is no secret that signs')
  const told = [...callers.flatMap(({ received }) => received), running.printed.err].join('\n')
  for (const { secret } of rows) {
    const bytes = secret instanceof Uint8Array ? secret : new Uint8Array()
    const buffer = Buffer.from(bytes)
    const forms = [buffer.toString('latin1'), buffer.toString('hex'), ...inBase64(bytes)]
    if (forms.some((form) => told.includes(form))) findings.push('the signing secret is told')
  }
}
