/**
 * Run as a process of its own: reads the whole database file named by its argument. It ends with 0
 * if SQLite finds the file sound, with 1 and the findings on stdout if not. It changes nothing. Its
 * stdin is a pipe from who started it, and when that closes it ends in the middle.
 */
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { isBroken } from './database.ts'

/** The first finding already says that the file is lost; some more help to see how. */
const findingsMax = 10

// On a thread: nothing else runs while SQLite checks. A server that is gone wants no answer, and a
// check that went on would hold the log.
const watch = `
  try { while (require('node:fs').readSync(0, Buffer.alloc(1)) > 0); } catch {}
  process.kill(process.pid, 'SIGKILL')`
new Worker(watch, { eval: true }).unref()

const [, , path = ''] = process.argv
const findings = findingsOf(path)
writeSync(process.stdout.fd, findings.join('\n'))
// At once: the thread that watches would be waited for.
process.exit(findings.length > 0 ? 1 : 0)

function findingsOf(path: string): string[] {
  try {
    const connection = new DatabaseSync(path, { readOnly: true })
    // Not integrity_check: comparing every index with its table takes ten times as long.
    const rows = connection.prepare(`PRAGMA quick_check(${findingsMax})`).all()
    connection.close()
    return rows.map(({ quick_check: line }) => String(line)).filter((line) => line !== 'ok')
  } catch (error) {
    // Whatever else stops it, a file held by another or no memory, says nothing of what is in it.
    if (!isBroken(error)) throw error
    return [String(error)]
  }
}
