/** Whether two JSON values say the same: members in any order, elements in theirs. */
import type { Json } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'
import type { JsonText } from './resource.ts'

/** Whether two contents are equal as JSON. Equal texts, the common case, are not parsed. */
export function isSameContent(one: JsonText, other: JsonText): boolean {
  return one === other || isSameJson(JSON.parse(one), JSON.parse(other))
}

function isSameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => isSameJson(value, other[at]))
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]))
  )
}
