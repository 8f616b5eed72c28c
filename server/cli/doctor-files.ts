/**
 * What `tenantry doctor` finds in the data folder as files: whose they are, who else may read them,
 * what disk they are on and how much room that has. It opens none of them.
 */
import type { Stats } from 'node:fs'
import { readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { variableOf } from '../config.ts'
import { bytesText } from '../contract/amounts.ts'
import type { Finding, Severity } from '../contract/finding.ts'
import { findStoreFile } from '../stores.ts'

/** With less a server tells clients that it is full: see `roomMinBytes` of the engine. */
const roomMinBytes = 4 * 1_048_576

/** Numbers of Linux' statfs. On these neither locks nor shared memory can be trusted. */
const networkSystems = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
])

/** What is on these goes with the machine, or with the container. */
const passingSystems = new Map([
  [0x01021994, ['tmpfs', 'the memory of this machine: a restart loses it']],
  [0x794c7630, ['overlay', 'the layer of a container: it goes with the container']],
])

/** What exports, backups, restores and `dev` leave in a folder when they are killed. */
const leftoverNames = /\.(partial-\d+|tenantry-partial|restoring-copy|new)$/

/** Findings of the folder, and of the files in it. */
export function examineFiles(config: Config): readonly Finding[] {
  const { data, storeMaxBytes } = config
  const folder = statOf(data)
  if (folder === undefined) {
    const mend = `Set --data or ${variableOf('data')} to the folder of the server.`
    return [found('error', 'folder', `There is no folder ${data}.`, mend)]
  }
  if (!folder.isDirectory()) {
    const mend = `Set --data or ${variableOf('data')} to a folder.`
    return [found('error', 'folder', `${data} is no folder.`, mend)]
  }
  const ofFolder = [
    ...examineOwner(data, folder),
    ...attempt('folder', data, () => examineModes(data, folder)),
  ]
  const file = findStoreFile(config)
  if (file === undefined) return ofFolder
  return [
    ...ofFolder,
    ...attempt('disk', data, () => examineDisk(dirname(file))),
    ...attempt('disk', data, () => examineRoom(file, storeMaxBytes)),
  ]
}

/** What the check cannot look at is what it found. */
function attempt(check: string, path: string, run: () => readonly Finding[]): readonly Finding[] {
  try {
    return run()
  } catch (error) {
    const what = `${path} cannot be examined: ${(error as Error).message}.`
    return [found('error', check, what, 'Run this as the user that the server runs as.')]
  }
}

function examineOwner(path: string, { uid }: Stats): readonly Finding[] {
  const own = process.getuid?.()
  if (own === undefined || own === uid) return []
  const what = `${path} belongs to user ${uid}, and this runs as user ${own}.`
  const mend = 'Run commands as the user of the server, or what they make is not its own.'
  return [found('warning', 'folder', what, mend)]
}

function examineModes(folder: string, stats: Stats): readonly Finding[] {
  const names = readdirSync(folder)
  const findings: Finding[] = []
  const open = names.filter((name) => {
    const file = statOf(join(folder, name))
    return file?.isFile() === true && othersMay(file) && isOurs(name)
  })
  if (othersMay(stats)) {
    findings.push(
      found(
        'warning',
        'folder',
        `Other users of this machine may look into ${folder} (mode ${modeText(stats)}).`,
        `chmod 700 ${folder}`,
      ),
    )
  }
  for (const name of open) {
    const file = statSync(join(folder, name))
    findings.push(
      found(
        name === 'demo-key' || (file.mode & 0o022) !== 0 ? 'error' : 'warning',
        'folder',
        `Other users of this machine may ${(file.mode & 0o022) !== 0 ? 'write to' : 'read'} ` +
          `${join(folder, name)} (mode ${modeText(file)}).`,
        `chmod 600 ${join(folder, name)}`,
      ),
    )
  }
  for (const name of names.filter((each) => leftoverNames.test(each))) {
    const what = `${join(folder, name)} looks like something that was cut off while it was made.`
    const mend = 'If no command is at work on it, remove it.'
    findings.push(found('note', 'leftovers', what, mend))
  }
  return findings
}

/** Other files of a folder are not ours to judge. */
function isOurs(name: string): boolean {
  if (/\.before-schema-[\d-]+$/.test(name)) return true
  return /\.(sqlite|db)(-wal|-shm|-journal|\.lock|\.unclosed)?$|^demo-key/.test(name)
}

function examineDisk(folder: string): readonly Finding[] {
  if (process.platform !== 'linux') return []
  const { type } = statfsSync(folder)
  // Node gives it as it is in C, where it may be signed.
  const number = type < 0 ? type + 2 ** 32 : type
  const network = networkSystems.get(number)
  if (network !== undefined) {
    const what = `${folder} is on ${network}, where SQLite cannot keep its promises.`
    return [found('error', 'disk', what, 'Move the data to a disk of this machine.')]
  }
  const [name, passing] = passingSystems.get(number) ?? []
  if (name === undefined) return []
  const what = `${folder} is on ${name}, ${passing}.`
  return [found('warning', 'disk', what, 'Move the data to a disk, or mount a volume there.')]
}

function examineRoom(file: string, storeMaxBytes: number): readonly Finding[] {
  const size = (each: string) => statOf(each)?.size ?? 0
  const [data, log] = [size(file), size(`${file}-wal`)]
  const { bavail, bsize } = statfsSync(dirname(file))
  const room = bavail * bsize
  const findings: Finding[] = []
  if (room < roomMinBytes) {
    findings.push(
      found(
        'error',
        'disk',
        `The disk of ${file} has ${bytesText(room)} left: writes are answered with 507.`,
        'Make room on it.',
      ),
    )
  } else if (room < data + log) {
    findings.push(
      found(
        'warning',
        'disk',
        `The disk of ${file} has ${bytesText(room)} left, and the data have ` +
          `${bytesText(data + log)}.`,
        'Make room: a backup of them, as before an upgrade, would not fit.',
      ),
    )
  }
  if (storeMaxBytes > 0 && data > storeMaxBytes - roomMinBytes) {
    findings.push(
      found(
        'warning',
        'disk',
        `${variableOf('storeMaxBytes')} is ${bytesText(storeMaxBytes)}, and the data have ` +
          `${bytesText(data)}.`,
        'Set it higher; where it is reached, writes are answered with 507.',
      ),
    )
  }
  return findings
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // A part of the path that is a file, or may not be looked into.
    return undefined
  }
}

function othersMay({ mode }: Stats): boolean {
  return (mode & 0o077) !== 0
}

function modeText({ mode }: Stats): string {
  return (mode & 0o777).toString(8)
}

function found(severity: Severity, check: string, what: string, mend: string): Finding {
  return { severity, check, what, mend }
}
