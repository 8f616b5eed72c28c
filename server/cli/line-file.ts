/**
 * Where an import reads from: a file, read where it is, or stdin and pipes, which are kept in a
 * private file first, since lines are read twice. That file has no name: whatever ends the process,
 * nothing of it stays.
 */
import type { FileHandle } from 'node:fs/promises'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNoRoom, Refusal } from '../contract/errors.ts'

export type LineFile = {
  /** As it is named to people. */
  readonly name: string
  readonly sizeBytes: number
  /** All of it, from the beginning; as often as it is asked for. */
  read(): AsyncGenerator<Uint8Array>
  close(): Promise<void>
}

/** Large enough that a system call costs nothing beside what is done with the lines. */
const pieceBytes = 262_144

/** `-` is stdin. Throws `NotFound`, `BadRequest`, `StorageFull` in sentences. */
export async function openLineFile(file: string): Promise<LineFile> {
  if (file === '-') return spooled('stdin', process.stdin)
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'NotFound' : 'BadRequest'
    throw new Refusal(code, `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  })
  const stat = await handle.stat()
  if (stat.isFile()) return lineFile(file, handle, stat.size)
  if (stat.isDirectory()) {
    await handle.close()
    throw new Refusal('BadRequest', `${file} is a folder; name a file of lines, or - for stdin.`)
  }
  // Process substitution, `<(zcat …)`, is a pipe.
  return spooled(file, handle.createReadStream())
}

async function spooled(name: string, source: AsyncIterable<Uint8Array>): Promise<LineFile> {
  const folder = tmpdir()
  let handle: FileHandle | undefined
  let size = 0
  try {
    handle = await makeUnnamed(folder)
    for await (const piece of source) {
      await handle.writeFile(piece)
      size += piece.length
    }
    return lineFile(name, handle, size)
  } catch (error) {
    await handle?.close()
    throw notKept(error, name, folder)
  }
}

function notKept(error: unknown, name: string, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  const isFull = isNoRoom(error)
  if (!isFull && code !== 'EACCES' && code !== 'ENOENT' && code !== 'EROFS') return error
  const reason = isFull ? 'there is no room for it' : `no file can be made there (${code})`
  return new Refusal(
    isFull ? 'StorageFull' : 'BadRequest',
    `What comes on ${name} is kept in ${folder} while it is read, and ${reason}; nothing was ` +
      'changed. Set TMPDIR to another folder, or import a file.',
    { cause: error },
  )
}

async function makeUnnamed(folder: string): Promise<FileHandle> {
  const made = await mkdtemp(join(folder, 'tenantry-import-'))
  try {
    return await open(join(made, 'lines'), 'wx+', 0o600)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

function lineFile(name: string, handle: FileHandle, sizeBytes: number): LineFile {
  return {
    name,
    sizeBytes,
    async *read() {
      for (let at = 0; ; ) {
        // A new one each time: lines are parts of it.
        const piece = Buffer.allocUnsafeSlow(pieceBytes)
        const { bytesRead } = await handle.read(piece, 0, pieceBytes, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield piece.subarray(0, bytesRead)
      }
    },
    close: () => handle.close(),
  }
}

function reasonOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not; check its rights'
  return `the system says ${code}`
}
