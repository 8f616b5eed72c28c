/**
 * Every setting: its name, default, bounds and one sentence. The only reader of the environment. A
 * flag beats the environment, the environment beats the default; `tenantry config` shows which.
 */
import { resolve } from 'node:path'
import { StartRefused } from './contract/errors.ts'
import { bodySizeCeilingBytes, bodySizeMaxBytes } from './contract/limits.ts'

export type Origin = 'default' | 'environment' | 'flag'

type Setting<Value> = {
  readonly about: string
  /** As text, so that it goes through `parse` like any other. */
  readonly default: string
  /** The value, or undefined when the text is none. */
  readonly parse: (text: string) => Value | undefined
  /** What texts are taken, for people. */
  readonly takes: string
}

/** Flags are these names in kebab-case, variables the same in capitals behind `TENANTRY_`. */
export const settings = {
  host: text('127.0.0.1', 'The address to listen on. Another than loopback is for `serve` only.'),
  port: integer(8080, 0, 65_535, 'The port to listen on; 0 takes any free one.'),
  data: folder('./data', 'The folder of the data; a server makes it if it is missing.'),
  store: text('sqlite:', 'The store: sqlite: (in the data folder) or sqlite:FILE.'),
  bodySizeMaxBytes: integer(
    bodySizeMaxBytes,
    1024,
    bodySizeCeilingBytes,
    'The greatest body, and the greatest document that a merge may leave.',
  ),
  merge: choice('deep', ['deep', 'shallow'], 'How PUT merges: at every depth, or the top only.'),
  numbers: choice(
    'refuse',
    ['refuse', 'round'],
    'What becomes of an integer that a double cannot hold.',
  ),
  corsOrigins: origins('none', 'Origins whose pages may read answers, as https://app.example.com.'),
  trustProxy: integer(
    0,
    0,
    16,
    'How many proxies in front add to X-Forwarded-For; the log takes the client from it.',
  ),
  inFlightMax: integer(
    1000,
    1,
    100_000,
    'How many requests are in hand at once; what comes beyond gets 503.',
  ),
  keyRate: integer(
    0,
    0,
    1_000_000,
    'How many requests a second one key may send before it gets 429; 0 sets no bound.',
  ),
  busyTimeoutMs: integer(
    5000,
    0,
    60_000,
    'How long a write waits for another process before it gives up.',
  ),
  newStore: choice(
    'make',
    ['make', 'refuse'],
    'Whether a server makes a store where there is none, or does not start.',
  ),
  storeMaxBytes: integer(
    0,
    0,
    1024 ** 5,
    'How large the data may grow before writes get 507; 0 lets it fill the disk.',
  ),
  cacheMaxBytes: integer(
    64 * 1_048_576,
    0,
    4 * 1024 * 1_048_576,
    'About how much of documents and lists is kept in memory; 0 keeps none.',
  ),
  log: choice('requests', ['requests', 'events'], 'What is logged: each request too, or events.'),
  metricsPort: port('none', 'The port that serves GET /metrics to Prometheus, without a key.'),
  drainMs: integer(10_000, 0, 600_000, 'How long a stopping server lets requests finish.'),
} as const

export type SettingName = keyof typeof settings

export type Config = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Value>
    ? Value
    : never
}

export type ConfigReading = {
  readonly config: Config
  readonly origins: { readonly [Name in SettingName]: Origin }
  /** Sentences about variables that look like settings and are none. */
  readonly warnings: readonly string[]
}

type Flags = { readonly [Name in SettingName]?: string }

type Environment = { readonly [variable: string]: string | undefined }

/** Flags by setting name. Throws `StartRefused`. */
export function readConfig(flags: Flags, environment: Environment = process.env): ConfigReading {
  const { faults, ...reading } = examineConfig(flags, environment)
  const [fault] = faults
  if (fault !== undefined) throw new StartRefused(fault)
  return reading
}

/**
 * The same, for who wants to know all that is wrong: `faults` has a sentence for each value that
 * does not parse, and its setting has its default in `config`.
 */
export function examineConfig(
  flags: Flags,
  environment: Environment = process.env,
): ConfigReading & { readonly faults: readonly string[] } {
  const faults: string[] = []
  const config: { [name: string]: unknown } = {}
  const origins: { [name: string]: Origin } = {}
  for (const name of settingNames) {
    const setting: Setting<unknown> = settings[name]
    const variable = variableOf(name)
    const [said, origin, source] =
      flags[name] !== undefined
        ? ([flags[name], 'flag', flagOf(name)] as const)
        : ([environment[variable], 'environment', variable] as const)
    const value = setting.parse(said ?? setting.default)
    if (value === undefined) {
      faults.push(`${source} is ${JSON.stringify(said)}; it takes ${setting.takes}.`)
    }
    config[name] = value ?? setting.parse(setting.default)
    origins[name] = said === undefined ? 'default' : origin
  }
  return {
    config: config as Config,
    origins: origins as ConfigReading['origins'],
    warnings: strangers(environment),
    faults,
  }
}

/** What clients of this API keep in their environment; what is empty is not there. */
export type ClientEnvironment = {
  readonly key: string | undefined
  readonly readerKey: string | undefined
  readonly tenant: string | undefined
}

/** For commands that ask a server as clients do, so that no key stands in a command line. */
export function readClientEnvironment(
  environment: { readonly [variable: string]: string | undefined } = process.env,
): ClientEnvironment {
  return {
    key: environment.CRESCENDO_API_KEY || undefined,
    readerKey: environment.CRESCENDO_READER_KEY || undefined,
    tenant: environment.CRESCENDO_TENANT_ID || undefined,
  }
}

export const settingNames = Object.keys(settings) as SettingName[]

/** `bodySizeMaxBytes` → `TENANTRY_BODY_SIZE_MAX_BYTES`. */
export function variableOf(name: SettingName): string {
  return `TENANTRY_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** `bodySizeMaxBytes` → `--body-size-max-bytes`. */
export function flagOf(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function strangers(environment: { readonly [variable: string]: string | undefined }): string[] {
  const known = settingNames.map(variableOf)
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('TENANTRY_') && !known.includes(variable))
    .map((variable) => {
      const near = nearestOf(variable, known)
      const hint = near === undefined ? 'tenantry config lists them all' : `is ${near} meant?`
      return `${variable} is no setting and is ignored; ${hint}${near === undefined ? '.' : ''}`
    })
}

/** A third of a name mistyped is another name. */
const mistypedMax = 3

function nearestOf(said: string, known: readonly string[]): string | undefined {
  const [near] = known
    .map((name) => ({ name, distance: distanceOf(said, name) }))
    .filter(({ distance }) => distance <= mistypedMax)
    .toSorted((one, other) => one.distance - other.distance)
  return near?.name
}

/** How many letters have to be put in, taken out or changed to make one of the other. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

function text(fallback: string, about: string): Setting<string> {
  const parse = (said: string) => (said === '' ? undefined : said)
  return { about, default: fallback, parse, takes: 'a text that is not empty' }
}

/** Absolute from here on: a message that names it must be true from any folder. */
function folder(fallback: string, about: string): Setting<string> {
  const parse = (said: string) => (said === '' ? undefined : resolve(said))
  return { about, default: fallback, parse, takes: 'a path that is not empty' }
}

function integer(fallback: number, min: number, max: number, about: string): Setting<number> {
  return {
    about,
    default: String(fallback),
    parse(said) {
      const value = /^[0-9]{1,16}$/.test(said) ? Number(said) : Number.NaN
      return value >= min && value <= max ? value : undefined
    },
    takes: `a whole number from ${min} to ${max}`,
  }
}

/** A list of origins, commas between them. */
function origins(fallback: string, about: string): Setting<readonly string[]> {
  return {
    about,
    default: fallback,
    parse(said) {
      const listed = said === 'none' ? [] : said.split(',').map((origin) => origin.trim())
      return listed.every(isOrigin) ? listed : undefined
    },
    takes: 'origins as https://app.example.com, commas between them, or none',
  }
}

/** As browsers write it (RFC 6454 section 6.1), since it is compared byte for byte. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

/** A port that may be left closed. */
function port(fallback: string, about: string): Setting<number | 'none'> {
  const number = integer(0, 0, 65_535, about)
  return {
    about,
    default: fallback,
    parse: (said) => (said === 'none' ? said : number.parse(said)),
    takes: `${number.takes}, or none`,
  }
}

function choice<Value extends string>(
  fallback: Value,
  values: readonly Value[],
  about: string,
): Setting<Value> {
  return {
    about,
    default: fallback,
    parse: (said) => values.find((value) => value === said),
    takes: values.join(' or '),
  }
}
