/** Whether two JSON values say the same: members in any order, elements in theirs. */
import type { JsonNode, JsonText, JsonTree } from '../contract/json-text.ts'
import { readWholeTree } from '../contract/json-text.ts'

/** Whether two objects are equal as JSON. Equal texts, the common case, are not taken apart. */
export function isSameContent(one: JsonText, other: JsonText): boolean {
  return one === other || isSameTree(readWholeTree(one), readWholeTree(other))
}

function isSameTree(one: JsonTree, other: JsonTree): boolean {
  if (one.size !== other.size) return false
  for (const [key, node] of one) {
    const counterpart = other.get(key)
    if (counterpart === undefined || !isSameNode(node, counterpart)) return false
  }
  return true
}

/** Whether two values are equal as JSON. */
export function isSameNode(one: JsonNode, other: JsonNode): boolean {
  if (one === other) return true
  if (typeof one === 'string' || typeof other === 'string') return isSameNumber(one, other)
  if (one instanceof Map || other instanceof Map) {
    return one instanceof Map && other instanceof Map && isSameTree(one, other)
  }
  return one.length === other.length && one.every((node, at) => isSameNode(node, other[at] ?? ''))
}

/** Other scalars have one form; a number of 10^21 or more may be in digits or have an exponent. */
function isSameNumber(one: JsonNode, other: JsonNode): boolean {
  const both = isNumber(one) && isNumber(other)
  return both && Number(one) === Number(other)
}

function isNumber(node: JsonNode): boolean {
  return typeof node === 'string' && /^[-0-9]/.test(node)
}
