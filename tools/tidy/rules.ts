/**
 * The house rules that a machine can check, as data and one pure function. A rule lives here when
 * it has had to be said twice; its message says what to do instead.
 */
import { dirname, join, normalize } from 'node:path'

export type SourceFile = { readonly path: string; readonly text: string }

type Doorway = {
  /** A folder, or one file. */
  readonly from: string
  /** Folders and files that may be imported whole. */
  readonly to: readonly string[]
  /** Files of which only types may be imported: these, or all. */
  readonly types?: { readonly [file: string]: readonly string[] | 'all' }
  /** Files of which only these values may be imported. */
  readonly values?: { readonly [file: string]: readonly string[] }
}

/** What an engine may know of the rooms: their ports, and the rules it has to ask. */
const rooms = {
  to: ['server/contract/', 'server/storage/checksum.ts', 'server/storage/migrate.ts'],
  types: {
    'server/storage/engine.ts': 'all',
    'server/identity/store.ts': 'all',
    'server/identity/rotation.ts': 'all',
    'server/documents/store.ts': 'all',
    'server/documents/write.ts': 'all',
    'server/documents/resource.ts': 'all',
    'server/documents/idempotency.ts': 'all',
  },
  values: {
    'server/documents/write.ts': ['decideWrite'],
    'server/documents/idempotency.ts': ['decideRepeat'],
    'server/identity/rotation.ts': ['decideRotation'],
  },
} as const

const contract = 'server/contract/'
const callerOnly = { 'server/identity/caller.ts': ['Caller'] } as const

/**
 * Which rooms of the house stand on which: from where to where an import may go. The first row that
 * fits decides, and inside one folder it always may. What is not listed is a wall; rooms to come
 * have their doors already.
 */
export const doorways: readonly Doorway[] = [
  { from: contract, to: [] },
  { from: 'server/identity/', to: [contract] },
  { from: 'server/documents/', to: [contract], types: callerOnly },
  { from: 'server/reporting/', to: [contract, 'server/documents/'], types: callerOnly },
  {
    from: 'server/recordings/',
    to: [contract, 'server/documents/', 'server/reporting/', 'server/notify/'],
    types: callerOnly,
  },
  { from: 'server/observe/', to: [contract] },
  { from: 'server/notify/', to: [contract] },
  // It judges servers from outside: what it took from ours, ours could not fail.
  {
    from: 'server/verify/',
    to: ['server/verify/'],
    types: { 'server/contract/timer.ts': ['StartTimer'] },
  },
  {
    from: 'server/storage/conformance/',
    ...rooms,
    // The suite compares with the rules themselves, which are pure.
    to: [
      contract,
      'server/documents/write.ts',
      'server/documents/resource.ts',
      'server/identity/rotation.ts',
    ],
  },
  { from: 'server/storage/sqlite/', ...rooms },
  { from: 'server/storage/postgres/', ...rooms },
  {
    from: 'server/storage/storage.ts',
    to: [contract, 'server/storage/engine.ts', 'server/storage/sqlite/'],
  },
  { from: 'server/storage/migrate.ts', to: [contract] },
  {
    from: 'server/storage/engine.ts',
    to: [contract],
    types: { 'server/identity/store.ts': 'all', 'server/documents/store.ts': 'all' },
  },
  { from: 'server/storage/checksum.ts', to: [] },
  {
    from: 'server/http/',
    to: [contract, 'server/call.ts', 'server/operations.ts', 'server/observe/'],
  },
  {
    from: 'server/mcp/',
    to: [contract, 'server/call.ts', 'server/operations.ts', 'server/observe/'],
  },
  {
    from: 'server/cli/',
    to: [
      'server/config.ts',
      'server/compose.ts',
      'server/stores.ts',
      'server/world.ts',
      'server/faults.ts',
      contract,
      'server/identity/keys.ts',
      'server/identity/tenant-end.ts',
      'server/documents/lines.ts',
      'server/documents/export.ts',
      'server/documents/import.ts',
      'server/verify/',
    ],
    types: {
      'server/identity/store.ts': ['Key', 'Tenant', 'EndedTenant', 'TenantSizes'],
      'server/storage/engine.ts': ['Storage', 'StorageListener', 'StoreFacts'],
    },
  },
  {
    from: 'server/compose.ts',
    to: [
      'server/call.ts',
      'server/config.ts',
      'server/stores.ts',
      'server/world.ts',
      'server/faults.ts',
      'server/operations.ts',
      'server/service.ts',
      contract,
      'server/identity/',
      'server/documents/',
      'server/http/',
      'server/observe/',
    ],
    // Stores are opened in stores.ts, in one way for all.
    types: { 'server/storage/engine.ts': 'all' },
  },
  { from: 'server/world.ts', to: [contract] },
  {
    from: 'server/stores.ts',
    to: ['server/config.ts', 'server/storage/storage.ts', 'server/world.ts'],
    types: {
      'server/storage/engine.ts': 'all',
      'server/identity/keys.ts': ['IdentityNeeds'],
      'server/identity/tenant-end.ts': ['TenantEndNeeds'],
    },
  },
  { from: 'server/config.ts', to: [contract] },
  { from: 'server/service.ts', to: [contract] },
  { from: 'server/route.ts', to: [contract, 'server/operations.ts'] },
  {
    from: 'server/operations.ts',
    to: [
      contract,
      'server/identity/operations.ts',
      'server/identity/examples.ts',
      'server/documents/operations.ts',
      'server/documents/examples.ts',
      'server/service.ts',
    ],
    types: { ...callerOnly, 'server/identity/keys.ts': ['IdentityNeeds'] },
  },
  {
    from: 'server/faults.ts',
    to: [contract, 'server/call.ts', 'server/operations.ts', 'server/route.ts'],
  },
  {
    from: 'server/call.ts',
    to: [contract, 'server/identity/caller.ts', 'server/operations.ts', 'server/route.ts'],
  },
]

/** Packages and parts of Node that belong to one place. */
const packages: readonly { readonly name: RegExp; readonly only: RegExp }[] = [
  { name: /^node:sqlite$/, only: /^server\/storage\/sqlite\// },
  { name: /^node:https?$/, only: /^server\/(http|notify|verify)\// },
  { name: /^node:net$/, only: /^server\/(http|notify|cli)\// },
  { name: /^node:worker_threads$/, only: /^server\/storage\/sqlite\// },
  { name: /^node:child_process$/, only: /^server\/storage\/sqlite\/|^(?!server\/)/ },
  { name: /^node:(cluster|vm|timers)/, only: /^(?!server\/)/ },
  // Rules are pure: what they need of the world is handed to them.
  {
    name: /^node:(?!crypto$|zlib$)/,
    only: /^(?!server\/(contract|identity|documents|reporting)\/)/,
  },
  { name: /^commander$/, only: /^server\/cli\// },
  { name: /^(prom-client|sonic-boom)$/, only: /^server\/observe\// },
  { name: /^(?!node:|\.|(commander|prom-client|sonic-boom)$)/, only: /^(?!server\/)/ },
]

/** Comments are searched for words of work left undone only; prose may say "as any". */
type Ban = {
  readonly pattern: RegExp
  readonly instead: string
  readonly except?: RegExp
  readonly inComments?: true
}

const bans: readonly Ban[] = [
  {
    pattern: /\bFIXME\b|\bTODO\b|@ts-ignore/,
    instead: 'the thing done, or a page in docs/decisions that says why not',
    inComments: true,
  },
  { pattern: /\bas any *[),;\]}\n.]|: any\b/, instead: 'a real type' },
  { pattern: /^export default/m, instead: 'a named export' },
  { pattern: /^export \* from/m, instead: 'imports from the file itself, no barrels' },
  { pattern: /\b(test|describe|it)\.only\(/, instead: 'the whole suite' },
  {
    pattern: /\bmock\b.*'node:test'/,
    instead: 'a small real fake',
  },
  {
    pattern: /\bprocess\.env\b|\benv\b.*= process\b/,
    instead: 'config.ts, the one reader of the environment',
    except: /^server\/config\.ts$|^(?!server\/)/,
  },
  {
    pattern:
      /\bDate\.now\b|\bnew Date\(\)|\b(Math\.random|random(Bytes|UUID|Int)|getRandomValues)\b/,
    instead: 'the clock and randomness that world.ts makes',
    except: /^server\/world\.ts$|^(?!server\/)/,
  },
  {
    pattern: /\bset(Timeout|Interval|Immediate)\(/,
    instead: 'the timer that world.ts makes',
    except: /^server\/world\.ts$|^(?!server\/)/,
  },
  {
    pattern: /\bconsole\./,
    instead: 'cli/output.ts for results, observe/ for events',
    except: /^(?!server\/)/,
  },
  {
    // What compares byte by byte tells by its time how much of a guess is right.
    pattern: /\.equals\(|\bBuffer\.compare\(|\b(hash|secret|signature|wanted)\b *[!=]==/i,
    instead: 'isSameSecret, which takes the same time for every guess',
    except: /\.test\.ts$|^(?!server\/identity\/)/,
  },
  {
    pattern: /\bnew URL\(\w*(url|target|request)/i,
    instead: 'http/target.ts: new URL() folds dot segments',
    except: /^(?!server\/)/,
  },
]

const vagueName =
  /(^|[-/])(utils?|helpers?|common|misc|manager|shared|base|types|services)(\.|\/|$)/
const kebabName = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/
const linesMax = 400
const columnsMax = 100
const headerLinesMax = 5

/** Every way in which these files break the house rules, a sentence each. */
export function faultsOf(files: readonly SourceFile[]): string[] {
  const ofEach = files.flatMap((file) => [
    ...importFaults(file),
    ...banFaults(file),
    ...nameFaults(file),
    ...pageFaults(file),
    ...exportFaults(file),
  ])
  return [...ofEach, ...twinFaults(files)]
}

function importFaults({ path, text }: SourceFile): string[] {
  if (!path.startsWith('server/') || path.endsWith('.test.ts')) return []
  const faults: string[] = []
  for (const { specifier, names, typeOnly } of importsOf(text)) {
    if (!specifier.startsWith('.')) {
      const strange = packages.find(({ name, only }) => name.test(specifier) && !only.test(path))
      if (strange) faults.push(`${path} imports ${specifier}, which belongs to another place`)
      continue
    }
    const target = normalize(join(dirname(path), specifier))
    if (!mayImport(path, target, names, typeOnly)) {
      faults.push(`${path} imports ${target}: no doorway; ask for what it needs as a parameter`)
    }
  }
  return faults
}

function mayImport(path: string, target: string, names: readonly string[], typeOnly: boolean) {
  // Files directly under server/ are no room; each has a row of its own.
  if (dirname(path) === dirname(target) && dirname(path) !== 'server') return true
  const door = doorways.find(({ from }) => path.startsWith(from))
  if (door === undefined) return false
  if (door.to.some((allowed) => target.startsWith(allowed))) return true
  const types = door.types?.[target]
  if (typeOnly && types !== undefined) {
    return types === 'all' || names.every((name) => types.includes(name))
  }
  const values = door.values?.[target]
  return values !== undefined && names.length > 0 && names.every((name) => values.includes(name))
}

/** Imports and exports, and any other text that names a file: `import()`, workers. */
function importsOf(text: string) {
  const pattern = /^(?:import|export) (type )?(?:([^'"]*?) from )?'([^']+)'/gm
  const found = [...text.matchAll(pattern)].map(([, type, names = '', specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined,
    names: names
      .replaceAll(/[{}\s]/g, '')
      .split(',')
      .filter(Boolean),
  }))
  const rest = text.replaceAll(pattern, '')
  const others = [...rest.matchAll(/['"`](\.{1,2}\/[^'"`]*\.ts|node:\w+)['"`]/g)]
  const unnamed = others.map(([, specifier = '']) => ({ specifier, typeOnly: false, names: [] }))
  return [...found, ...unnamed]
}

function banFaults({ path, text }: SourceFile): string[] {
  if (path.startsWith('tools/tidy/')) return []
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return bans
    .filter(({ except }) => !except?.test(path))
    .map(({ pattern, instead, inComments }) => {
      const found = pattern.exec(inComments ? text : code)?.[0]
      return found && `${path}: ${found}: use ${instead}`
    })
    .filter((fault) => fault !== undefined)
}

function nameFaults({ path }: SourceFile): string[] {
  const file = path.slice(path.lastIndexOf('/') + 1)
  if (vagueName.test(path)) return [`${path}: name what is inside; this name fits anything`]
  if (/^\d/.test(file)) return [`${path}: a file is not named by a number`]
  return kebabName.test(file) ? [] : [`${path}: file names are kebab-case`]
}

function pageFaults({ path, text }: SourceFile): string[] {
  const lines = text.split('\n')
  const faults: string[] = []
  const header = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0]
  if (header === undefined) faults.push(`${path}: open by saying what this file is for`)
  else if (header.split('\n').length > headerLinesMax + 2) {
    faults.push(`${path}: the header takes more than ${headerLinesMax} lines; say the one thing`)
  }
  // What stands behind the last line end is no line.
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (count > linesMax && !path.includes('/fixtures/')) {
    faults.push(`${path}: over ${linesMax} lines; find the second room or subject in it`)
  }
  for (const [at, line] of lines.entries()) {
    if (line.length > columnsMax) faults.push(`${path}:${at + 1}: over ${columnsMax} columns`)
  }
  return faults
}

/** Two things of one name in one folder are mostly one thing that was built twice. */
function twinFaults(files: readonly SourceFile[]): string[] {
  const places = new Map<string, string>()
  const faults: string[] = []
  for (const { path, text } of files) {
    if (!path.startsWith('server/') || path.endsWith('.test.ts')) continue
    const exported = text.matchAll(/^export (?:async )?(?:function\*?|const|type|class) (\w+)/gm)
    for (const [, name = ''] of exported) {
      const key = `${dirname(path)} ${name}`
      const first = places.get(key)
      if (first === undefined) places.set(key, path)
      else if (first !== path) {
        faults.push(`${path}: ${first} exports ${name} too; use that, or give this its own name`)
      }
    }
  }
  return faults
}

/** The only export of a file is explained by its header; of several, each explains itself. */
function exportFaults({ path, text }: SourceFile): string[] {
  if (!path.startsWith('server/')) return []
  const exported = [...text.matchAll(/^export (?:async )?function\*? (\w+)/gm)]
  if (exported.length < 2) return []
  return exported
    .filter((match) => !/\*\/\n$/.test(text.slice(0, match.index)))
    .map((match) => `${path}: say of ${match[1]} what it promises, in a comment above it`)
}
