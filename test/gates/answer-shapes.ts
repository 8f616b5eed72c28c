/**
 * What an answer tells, without what differs between two that tell the same: times, ETags, ids,
 * and the names that were sent.
 */
import type { WireAnswer } from '../support/wire-answer.ts'
import type { Attacker, Victim } from './reach-across.ts'

/** The marker, and what it becomes within base64, wherever in three bytes it begins. */
export function formsOf(marker: string): string[] {
  const within = [0, 1, 2].map((start) =>
    Buffer.from(`${'x'.repeat(start)}${marker}`)
      .toString('base64url')
      .slice(4, -4),
  )
  return [marker, ...within]
}

/** Status, headers and body, without what differs from one moment to the next. */
export function shapeOf(answer: WireAnswer | string): string {
  if (typeof answer === 'string') return answer
  const { head, headers, body } = answer
  const length = headers.get('content-length')?.join()
  const isRight = length === undefined || body.length === 0 || Number(length) === body.length
  const always = head
    .replace(/\r\n(date|x-request-id): [^\r]*/gi, '')
    .replace(/(content-length: )\d+/i, `$1${isRight ? '<its length>' : length}`)
  return `${always}\r\n\r\n${body}`
    .replaceAll(/"\d+-[0-9a-f]{8}"|\\"\d+-[0-9a-f]{8}\\"/g, '<ETag>')
    .replaceAll(/"(updated|created|lastUsed|expiresAt|revoked)":(\d+|null)/g, '"$1":<time>')
    .replaceAll(/"id":"[0-9A-Za-z]{12}"/g, '"id":<id>')
    .replaceAll(/"key":"tnk_[0-9A-Za-z]{54}"/g, '"key":<key>')
}

/** Without what it may repeat of what was sent; that is as long as for any other victim. */
export function withoutNames(text: string, attacker: Attacker, victim: Victim): string {
  const { tenant, document, keyId, cursor, idempotencyKey } = victim
  const theirs = [tenant, document, keyId, cursor, idempotencyKey, tenant.slice(0, -1)]
  const names = [attacker.tenant, ...theirs, ...theirs.map(encodeURIComponent)]
  // The longest first: of the tenants, one name is the beginning of the other.
  const ordered = names.toSorted((one, other) => other.length - one.length).map(RegExp.escape)
  return text.replaceAll(new RegExp(ordered.join('|'), 'g'), (name) =>
    name === attacker.tenant ? '<own>' : '<name>',
  )
}
