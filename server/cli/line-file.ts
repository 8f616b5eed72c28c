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

/**
 * `-` is stdin. What is kept first may have no line of more than `lineMaxBytes`, or it is not read
 * to its end, which might never come. Throws `NotFound`, `BadRequest`, `StorageFull` in sentences.
 */
export async function openLineFile(file: string, lineMaxBytes: number): Promise<LineFile> {
  if (file === '-') return spooled('stdin', process.stdin, lineMaxBytes)
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'NotFound' : 'BadRequest'
    throw new Refusal(code, `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  })
  const stat = await handle.stat()
  if (stat.isFile()) return lineFile(file, handle, stat.size)
  const isDevice = stat.isCharacterDevice() || stat.isBlockDevice()
  if (isDevice || stat.isDirectory()) {
    await handle.close()
    const kind = isDevice ? 'device' : 'folder'
    throw new Refusal('BadRequest', `${file} is a ${kind}; name a file of lines, or - for stdin.`)
  }
  // Process substitution, `<(zcat …)`, is a pipe.
  return spooled(file, handle.createReadStream(), lineMaxBytes)
}

async function spooled(
  name: string,
  source: AsyncIterable<Uint8Array>,
  lineMaxBytes: number,
): Promise<LineFile> {
  const folder = tmpdir()
  let handle: FileHandle | undefined
  let size = 0
  try {
    handle = await makeUnnamed(folder)
    const check = lineCheck(name, lineMaxBytes)
    for await (const piece of source) {
      check(piece)
      await handle.writeFile(piece)
      size += piece.length
    }
    return lineFile(name, handle, size)
  } catch (error) {
    await handle?.close()
    throw notKept(error, name, folder)
  }
}

/** Takes piece after piece, and throws `BadRequest` as soon as a line in them is too long. */
function lineCheck(name: string, lineMaxBytes: number): (piece: Uint8Array) => void {
  let number = 1
  let size = 0
  return (piece) => {
    for (let start = 0; ; ) {
      const end = piece.indexOf(newline, start)
      size += (end < 0 ? piece.length : end) - start
      if (size > lineMaxBytes) throw tooLong(name, number, lineMaxBytes)
      if (end < 0) return
      number++
      size = 0
      start = end + 1
    }
  }
}

const newline = 0x0a

function tooLong(name: string, number: number, lineMaxBytes: number): Refusal {
  return new Refusal(
    'BadRequest',
    `Line ${number} of ${name} is too long: ${lineMaxBytes} bytes are the most. Nothing was ` +
      'changed, and nothing behind it was read.',
  )
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
