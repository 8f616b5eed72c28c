/** JSON as values in memory, for models and tests: which are objects, and which say the same. */
import type { Json, JsonObject } from '../../server/contract/json.ts'

/** Whether it is an object and no array or null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text that is equal for values that say the same, member order aside. */
export function sameText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sameText).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sameText(value[key] as Json)}`)
    .join()}}`
}
