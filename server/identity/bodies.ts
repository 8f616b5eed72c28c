/**
 * The bodies of the key routes. A member that is not known is refused: `expires` for `expiresAt`
 * would make a key that lives for ever.
 */
import { Refusal } from '../contract/errors.ts'
import type { JsonNode, JsonText } from '../contract/json-text.ts'
import { readWholeTree } from '../contract/json-text.ts'
import { echoMaxCharacters, keyOverlapMaxSeconds } from '../contract/limits.ts'
import { quote } from '../contract/names.ts'
import type { KeyRequest } from './keys.ts'

/** Throws `BadRequest`, saying where. */
export function parseKeyRequest(body: JsonText): Omit<KeyRequest, 'tenant'> {
  const members = membersOf(body, ['label', 'scopes', 'expiresAt'])
  const scopes = members.get('scopes')
  if (typeof scopes !== 'object' || scopes instanceof Map) {
    throw wrong('/scopes', 'scopes must be an array of texts')
  }
  const expiresAt = members.get('expiresAt') ?? 'null'
  return {
    label: textOf(members.get('label'), '/label', 'label must be a text'),
    scopes: scopes.map((scope, at) => textOf(scope, `/scopes/${at}`, 'a scope must be a text')),
    expiresAt:
      expiresAt === 'null'
        ? undefined
        : integerOf(expiresAt, '/expiresAt', 'expiresAt must be epoch milliseconds, or null'),
  }
}

/** 0 where nothing is said. Throws `BadRequest`, saying where. */
export function parseOverlapSeconds(body: JsonText): number {
  const said = membersOf(body, ['overlapSeconds']).get('overlapSeconds')
  if (said === undefined) return 0
  const rule = `overlapSeconds must be a whole number from 0 to ${keyOverlapMaxSeconds}`
  const seconds = integerOf(said, '/overlapSeconds', rule)
  if (seconds < 0 || seconds > keyOverlapMaxSeconds) throw wrong('/overlapSeconds', rule)
  return seconds
}

function membersOf(body: JsonText, known: readonly string[]): ReadonlyMap<string, JsonNode> {
  const members = new Map<string, JsonNode>()
  for (const [key, node] of readWholeTree(body)) {
    const name = known.find((each) => key === `"${each}"`)
    if (name === undefined) {
      const unknown = key.slice(1, -1).slice(0, echoMaxCharacters)
      throw new Refusal(
        'BadRequest',
        `The member ${quote(unknown)} is not known here; there are ${known.join(', ')}.`,
      )
    }
    members.set(name, node)
  }
  return members
}

function textOf(node: JsonNode | undefined, pointer: string, rule: string): string {
  if (typeof node === 'string' && node.startsWith('"')) return JSON.parse(node)
  throw wrong(pointer, rule)
}

function integerOf(node: JsonNode, pointer: string, rule: string): number {
  if (typeof node === 'string' && /^-?[0-9]{1,16}$/.test(node)) return Number(node)
  throw wrong(pointer, rule)
}

function wrong(pointer: string, reason: string): Refusal {
  return new Refusal('BadRequest', `The body breaks a rule at ${quote(pointer)}: ${reason}.`, {
    details: [{ pointer, reason }],
  })
}
