/**
 * The key of `tenantry dev --key-file`: its text is read from a file that the user has, or is put
 * there. So a test run knows the key without reading what the server prints.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { createKey, findLivingKey, importKey } from '../identity/keys.ts'
import { everything } from './demo.ts'
import { operatorName } from './operator.ts'

/**
 * The text in this file, a key of this tenant now that may do everything; where there is no file, a
 * new key's text is written into one. Throws `BadRequest` and `Conflict` in sentences.
 */
export async function keepKeyOfFile(
  file: string,
  tenant: TenantId,
  needs: IdentityNeeds,
): Promise<string> {
  const label = 'key file of tenantry dev'
  const request = { tenant, scopes: everything, label, expiresAt: undefined }
  const text = readText(file)
  if (text === undefined) {
    const made = await createKey(request, operatorName(), needs)
    writeText(file, made.text)
    return made.text
  }
  const living = await findLivingKey(text, needs)
  if (living?.tenant === tenant) return text
  await importKey(text, request, operatorName(), needs).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    const reason =
      error.code === 'Conflict'
        ? 'this data knows it as a key that has ended, or that is of another tenant'
        : error.message
    throw new Refusal(error.code, `The key in ${file} cannot be used: ${reason}`, { cause: error })
  })
  return text
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failed('read', file, error)
  }
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw failed('written', file, error)
  }
}

function failed(what: string, file: string, cause: unknown): Refusal {
  const { code } = cause as NodeJS.ErrnoException
  return new Refusal(
    'BadRequest',
    `${file} cannot be ${what}: the system says ${code}. Give --key-file a file that can be.`,
    { cause },
  )
}
