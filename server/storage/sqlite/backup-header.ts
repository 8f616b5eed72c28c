/**
 * What the first bytes of a file say, before it is copied: that it is a backup of ours, and whole.
 * SQLite's format of a file has these fields at these places (https://sqlite.org/fileformat2.html).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { StartRefused } from '../../contract/errors.ts'
import { pendingMigrations } from '../migrate.ts'
import { applicationId } from './database.ts'
import { knownMigrations } from './sources.ts'

const magic = 'SQLite format 3\0'
const headerBytes = 100
/** As it is written in WAL mode: a part of it may be in a log beside it. */
const walMode = 2

/** Throws `StartRefused` for what is no backup that this Tenantry can restore. */
export function checkHeader(file: string): void {
  const { header, size } = readHeader(file)
  const refuse = (reason: string) => {
    throw new StartRefused(`${file} ${reason}. Nothing was changed.`)
  }
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) {
    refuse('is no backup of Tenantry')
  }
  if (header.readUInt32BE(68) !== applicationId) refuse('is the database of another program')
  pendingMigrations(knownMigrations(), header.readUInt32BE(60), file)
  if (header[18] === walMode) {
    refuse(
      'is no backup, but the file of a store, which may lack what its log holds. Put it, with ' +
        'its -wal if there is one, into a folder, and make a backup of that: tenantry backup ' +
        '--data FOLDER --store sqlite:FILE NEW',
    )
  }
  // A page size of 65536 does not fit into its two bytes, and is 1 there.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const wanted = pageBytes * header.readUInt32BE(28)
  if (size < wanted) refuse(`is cut off: it has ${size} bytes of ${wanted}`)
}

function readHeader(file: string): { header: Buffer; size: number } {
  try {
    // Before it is opened: that waits for ever where nobody writes into a pipe.
    if (!statSync(file).isFile()) throw new Error('it is no file')
    const descriptor = openSync(file, 'r')
    try {
      const header = Buffer.alloc(headerBytes)
      const read = readSync(descriptor, header)
      return { header: header.subarray(0, read), size: statSync(file).size }
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'is not there' : `cannot be read: ${message}`
    throw new StartRefused(`${file} ${reason}. Nothing was changed.`, { cause })
  }
}
