/**
 * How far long work has come, on stderr: one line that is written over on a terminal, a line now
 * and then in a log. Work that is done within a moment says nothing.
 */
import { printNote } from './output.ts'

/** Often enough to be seen moving, too seldom to cost anything. */
const redrawMs = 200

/** A log should not fill with it. */
const logLineMs = 10_000

export type Progress = {
  /** Call it as often as you like; `text` is asked for only when it is shown. */
  show(text: () => string): void
  /** Clears the line, so that what is printed next stands alone. */
  end(): void
}

/** `--json` and `quiet` commands hand in `quiet`, and nothing is shown. */
export function startProgress(quiet = false): Progress {
  const { stderr } = process
  const terminal = stderr.isTTY === true
  const periodMs = terminal ? redrawMs : logLineMs
  let shownAt = performance.now()
  let drawn = false
  return {
    show(text) {
      const at = performance.now()
      if (quiet || at - shownAt < periodMs) return
      shownAt = at
      if (!terminal) return printNote(text())
      // A line that wraps could not be written over.
      stderr.write(`\r\u001b[K${text().slice(0, Math.max(20, stderr.columns - 1))}`)
      drawn = true
    },
    end() {
      if (drawn) stderr.write('\r\u001b[K')
      drawn = false
    },
  }
}

/** As `41 %`; of nothing all is done. */
export function percentText(done: number, all: number): string {
  return `${all === 0 ? 100 : Math.floor((100 * done) / all)} %`
}
