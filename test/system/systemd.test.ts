/**
 * The units of packaging/systemd/ against what they rely on: exit statuses, times, settings and
 * commands of the server, what systemd itself thinks of them, and the system calls they allow.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { exitStatus } from '../../server/cli/output.ts'
import { settingNames, settings, variableOf } from '../../server/config.ts'
import { straceNeed } from '../gates/strace.ts'
import { startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import { makeFolder, root, runTenantry } from '../support/process.ts'

const folder = join(root, 'packaging/systemd')
const files = readdirSync(folder)
const texts = Object.fromEntries(
  files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
)
const server = texts['tenantry.service'] ?? ''
const backup = texts['tenantry-backup.service'] ?? ''

/** Above this systemd calls a service `medium`; both of these are below 2 of 10. */
const exposureMax = 20

describe('the units', () => {
  test('start the server again after the ends that another start may mend, and no other', () => {
    assert.equal(setIn(server, 'Restart'), 'on-failure')
    const { unavailable, fault, ...final } = exitStatus
    const prevented = setIn(server, 'RestartPreventExitStatus')?.split(' ').map(Number)
    assert.deepEqual(prevented, Object.values(final))
    assert.deepEqual([unavailable, fault], [69, 70])
  })

  test('leave a stopping server longer than its requests may take', () => {
    const stopMs = Number(setIn(server, 'TimeoutStopSec')) * 1000
    const drainMs = Number(settings.drainMs.default)
    assert.ok(stopMs >= 2 * drainMs, `it is killed after ${stopMs} ms, and may take ${drainMs}`)
    assert.match(server, new RegExp(`for TENANTRY_DRAIN_MS, ${drainMs / 1000} s;`))
    assert.equal(setIn(server, 'KillSignal'), 'SIGTERM')
  })

  test('name settings that there are', () => {
    const known = new Set<string>(settingNames.map(variableOf))
    const named = Object.values(texts).flatMap((text) => text.match(/\bTENANTRY_[A-Z_]+/g) ?? [])
    assert.ok(named.length > 3)
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    )
  })

  test('run commands that there are', async () => {
    const { out } = await runTenantry(['--help'])
    const run = Object.values(texts).flatMap((text) =>
      [...text.matchAll(/\/opt\/tenantry\/bin\/tenantry (\w+)/g)].map(([, name = '']) => name),
    )
    assert.deepEqual(run.sort(), ['backup', 'serve'])
    for (const name of run) assert.match(out, new RegExp(`^  ${name}\\b`, 'm'))
  })

  test('keep both services in the same bounds, and the backup in those of its file', () => {
    const bounds = (text: string) =>
      text.match(/^(Protect|Private[DITU]|Restrict[NRS]|System|No|Lock|Remove|Proc|Cap|Dev).*$/gm)
    assert.ok((bounds(server)?.length ?? 0) > 20)
    // It asks the network nothing, and has none.
    assert.deepEqual(
      bounds(backup)?.filter((line) => line !== 'PrivateNetwork=yes'),
      bounds(server),
    )
    assert.match(backup, /PrivateNetwork=yes/)
    assert.equal(setIn(backup, 'User'), setIn(server, 'User'))
    assert.match(texts['tenantry.sysusers'] ?? '', new RegExp(`^u ${setIn(server, 'User')} `, 'm'))
  })

  test('are sound to systemd, and expose little', (t) => {
    if (!has(systemdNeed, t.skip.bind(t))) return
    const copy = makeFolder()
    cpSync(folder, copy.path, { recursive: true })
    const units = files.filter((file) => /\.(service|timer)$/.test(file))
    // What they start is not installed here.
    for (const file of units) {
      const text = texts[file] ?? ''
      writeFileSync(
        join(copy.path, file),
        text.replaceAll('/opt/tenantry/bin/tenantry', '/bin/true'),
      )
    }
    const paths = units.map((file) => join(copy.path, file))
    assert.deepEqual(analyze(['verify', '--man=no', ...paths]), { status: 0, out: '', err: '' })
    for (const path of paths.filter((name) => name.endsWith('.service'))) {
      const threshold = `--threshold=${exposureMax}`
      const { status, out, err } = analyze(['security', '--offline=true', threshold, path])
      assert.equal(status, 0, out + err)
    }
    copy.remove()
  })

  test('allow the system calls that a server makes', async (t) => {
    if (!has(systemdNeed, t.skip.bind(t)) || !has(straceNeed, t.skip.bind(t))) return
    const allowed = new Set<string>()
    for (const [, without, sets = ''] of server.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
      for (const call of sets.split(' ').flatMap(callsOf)) {
        if (without) allowed.delete(call)
        else allowed.add(call)
      }
    }
    assert.ok(allowed.has('pwrite64') && !allowed.has('mount'))
    const data = makeFolder()
    const trace = join(data.path, 'trace')
    const wrap = ['strace', '-f', '-qq', '-e', 'signal=none', '-o', trace]
    const started = await startDemoServer(join(data.path, 'data'), { wrap })
    await send(started.port, { method: 'GET', path: '/ready' })
    await started.running.stop()
    const made = new Set(readFileSync(trace, 'latin1').match(/(?<=^\d+ +)\w+(?=\()/gm))
    data.remove()
    assert.ok(made.has('fsync') || made.has('fdatasync'), 'the trace shows no commit')
    // Run by root, SQLite gives what it makes to the owner of the data; the service is not root.
    if (process.getuid?.() === 0) made.delete('fchown')
    assert.deepEqual(
      [...made].filter((call) => !allowed.has(call)),
      [],
    )
  })
})

const systemdNeed = {
  command: 'systemd-analyze',
  install: 'apt-get install systemd (Debian, Ubuntu)',
} as const

/** With CI set a test that lacks what it needs fails; elsewhere it says so and is skipped. */
function has(
  { command, install }: { readonly command: string; readonly install: string },
  skip: (reason: string) => void,
): boolean {
  if (spawnSync(command, ['--version']).status === 0) return true
  const missing = `${command} is not installed: ${install}`
  assert.equal(process.env.CI, undefined, missing)
  skip(missing)
  return false
}

function analyze(args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

/** The system calls of a set of systemd's, with those of the sets in it. */
function callsOf(set: string): string[] {
  const { out } = analyze(['syscall-filter', set])
  const lines = out
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/#.*/, '').trim())
  return lines.filter(Boolean).flatMap((line) => (line.startsWith('@') ? callsOf(line) : [line]))
}

function setIn(unit: string, name: string): string | undefined {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]
}
