/**
 * Who signs a write, asked again inside the transaction: between the door and the disk a write may
 * wait for seconds, and what is revoked meanwhile writes no document and makes no other key.
 */
import type { DatabaseSync } from 'node:sqlite'
import { keyNotValid } from '../../contract/errors.ts'

const keyName = 'apikey:'

/**
 * Throws `Unauthenticated` when the key that is named so, as `apikey:<id>`, has been revoked. Other
 * names are those of operators, who need no key.
 */
export function revokedSigners(connection: DatabaseSync): (name: string) => void {
  const select = connection.prepare('SELECT 1 FROM keys WHERE id = ? AND revoked IS NOT NULL')
  return (name) => {
    if (!name.startsWith(keyName)) return
    if (select.get(name.slice(keyName.length)) !== undefined) throw keyNotValid()
  }
}
