/**
 * The package as a stranger gets it: made by `npm pack`, installed elsewhere without asking a
 * registry, and run by the Node that is handed in and not by the one that came with the clone.
 */
import { globSync, mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Finished, Running, StartOptions } from './process.ts'
import { root, startProcess } from './process.ts'

/** The oldest that Tenantry runs on. */
export const oldestNode = '24.15.0'

export type Tarball = {
  readonly path: string
  /** Of each file, beginning at the root of the package. */
  readonly files: readonly string[]
}

/** `npm pack` in the clone, or in a copy of it, into this folder. */
export async function packTarball(folder: string, clone = root): Promise<Tarball> {
  const { out } = await npm(['pack', '--json', '--pack-destination', folder], clone)
  const [{ filename, files }] = JSON.parse(out)
  return { path: join(folder, filename), files: files.map(({ path }: { path: string }) => path) }
}

/** Into a folder that has nothing; nothing is downloaded. */
export async function installTarball({ path }: Tarball, folder: string): Promise<void> {
  mkdirSync(folder)
  await npm(['install', '--offline', '--no-audit', '--no-fund', path], folder)
}

/** A folder whose only content is `node`, for the front of a PATH. */
export function makeNodeFolder(folder: string, node: string): string {
  mkdirSync(folder)
  symlinkSync(node, join(folder, 'node'))
  return folder
}

/**
 * The oldest Node that Tenantry runs on, into this folder: kept by npm, or downloaded. A sentence
 * where it is not to be had.
 */
export async function installOldestNode(folder: string): Promise<{ path: string } | string> {
  const name = `node-linux-${process.arch}`
  if (process.platform !== 'linux') return 'it comes as a package on Linux only'
  mkdirSync(folder, { recursive: true })
  try {
    await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', nodePackage(name)], folder)
  } catch (error) {
    return `npm cannot install ${nodePackage(name)}: ${(error as Error).message}`
  }
  const [found] = globSync(`node_modules/${name}/bin/node`, { cwd: folder })
  return found === undefined ? `${name} has no bin/node` : { path: join(folder, found) }
}

/** `tenantry` of that folder, started as a shell does: by its name, with a PATH. */
export function startInstalled(
  folder: string,
  nodeFolder: string,
  args: readonly string[],
  options: Pick<StartOptions, 'env' | 'cwd'> = {},
): Running {
  const path = [join(folder, 'node_modules/.bin'), nodeFolder, '/usr/bin', '/bin'].join(delimiter)
  return startProcess('/usr/bin/env', ['tenantry', ...args], {
    cwd: options.cwd ?? folder,
    env: { ...options.env, PATH: path },
  })
}

function nodePackage(name: string): string {
  return `${name}@${oldestNode}`
}

/** Under the Node of the tests, which is new enough for what a package's scripts run. */
async function npm(args: readonly string[], cwd: string): Promise<Finished> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const env = { PATH: path, npm_config_loglevel: 'error' }
  const ended = await startProcess('npm', args, { cwd, env }).ended
  if (ended.status !== 0) throw new Error(`npm ${args.join(' ')}: ${ended.err || ended.out}`)
  return ended
}
