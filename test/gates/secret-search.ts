/**
 * Searching for what must be nowhere: the texts of keys, whole, in parts, and in the forms that
 * programs write bytes in. Places are handed in by name, so that a finding says where it was.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A part this long is no chance; every part of twice the length has such a one within. */
const partCharacters = 12
const partSteps = 6

/** In a key of our own making, the secret is behind prefix and id, and before the checksum. */
function secretOf(text: string): string {
  return text.startsWith('tnk_') ? text.slice(16, 52) : text
}

export class Secrets {
  private readonly texts = new Map<string, readonly string[]>()
  readonly findings: string[] = []

  /** Looks for this text of a key from here on; `what` says what it is. */
  add(text: string, what: string): void {
    const secret = secretOf(text)
    const parts = new Set<string>()
    for (let at = 0; at + partCharacters <= secret.length; at += partSteps) {
      parts.add(secret.slice(at, at + partCharacters))
    }
    const bytes = Buffer.from(secret)
    const hexadecimal = bytes.toString('hex')
    const escapes = [...secret].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')
    const all = [...parts, hexadecimal, escapes, escapes.toUpperCase(), ...inBase64(bytes)]
    this.texts.set(what, all)
  }

  get count(): number {
    return this.texts.size
  }

  /** Notes every secret in these bytes, but those that stand there rightly. */
  search(place: string, bytes: Uint8Array | string, rightly?: string): void {
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
    for (const [what, forms] of this.texts) {
      if (what === rightly) continue
      const found = forms.find((form) => text.includes(form))
      if (found === undefined) continue
      const at = text.indexOf(found)
      const around = text.slice(Math.max(0, at - 120), at + 80)
      this.findings.push(`${place} has ${what}: ${JSON.stringify(around)}`)
    }
  }

  /** The same in every file of the folder, and in what is below it. */
  searchFolder(place: string, folder: string): number {
    let bytes = 0
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const content = readFileSync(join(entry.parentPath, entry.name))
      bytes += content.length
      this.search(`${place}, the file ${entry.name}`, content)
      if (/bearer/i.test(content.toString('latin1'))) {
        this.findings.push(`${place}, the file ${entry.name} has a header or query with a key`)
      }
    }
    return bytes
  }
}

/** What stands for these bytes within base64, in either alphabet, wherever they begin. */
export function inBase64(bytes: Uint8Array): string[] {
  return (['base64', 'base64url'] as const).flatMap((alphabet) =>
    [0, 1, 2].map((start) =>
      Buffer.concat([Buffer.alloc(start), bytes])
        .toString(alphabet)
        .slice(4, -4),
    ),
  )
}
