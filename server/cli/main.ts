/** The `tenantry` command: its subcommands, and how the process ends. */
import { Command } from 'commander'
import { build } from '../compose.ts'
import { reportFailure } from './output.ts'
import { unwritable } from './whole-file.ts'

const exitHelp = `
Results go to stdout, everything else to stderr. Exit status: 0 done; 1 ended by a signal before it
was done, or by a fault that nothing caught; 64 the command line is wrong; 65 refused, the message
says why; 69 an address cannot be had, or the store is in use; 70 a fault of Tenantry's or of its
disk; 78 a setting, the data or this Node cannot be used.`

/** Each loads what it needs and no more: a server that starts again has no time for the others. */
const commands: { readonly [name: string]: () => Promise<(program: Command) => void> } = {
  serve: async () => (await import('./serve.ts')).addServe,
  dev: async () => (await import('./dev.ts')).addDev,
  tenant: async () => (await import('./tenant.ts')).addTenant,
  key: async () => (await import('./key.ts')).addKey,
  export: async () => (await import('./export.ts')).addExport,
  import: async () => (await import('./import.ts')).addImport,
  backup: async () => (await import('./backup.ts')).addBackup,
  restore: async () => (await import('./restore.ts')).addRestore,
  openapi: async () => (await import('./openapi.ts')).addOpenapi,
  config: async () => (await import('./config.ts')).addConfig,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  verify: async () => (await import('./verify.ts')).addVerify,
}

/** Runs one command line and sets the exit status; never rejects. */
export async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  // The command goes on to its end, and closes the store in order.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` that has seen enough is no failure, and one failure is told once.
    if (error.code === 'EPIPE' || process.exitCode !== undefined) return
    process.exitCode = reportFailure(unwritable(error, 'stdout'), json)
  })
  // Whatever this process makes (the data, the lock, the demo's key) is its owner's alone.
  process.umask(0o077)
  const program = new Command('tenantry')
    .description('A self-hosted server for the Crescendo Platform API 1.6.0.')
    .version(build)
    // Said once, by `reportFailure`, as text or as JSON.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', exitHelp)
  const asked = Object.hasOwn(commands, args[0] ?? '') ? commands[args[0] ?? ''] : undefined
  const wanted = asked === undefined ? Object.values(commands) : [asked]
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program)
  throwInsteadOfExit(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = reportFailure(error, json)
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}
