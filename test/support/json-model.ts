/** JSON as the models know it: values in memory. */

export type Value = null | boolean | number | string | Value[] | Thing
export type Thing = { [key: string]: Value }

/** Whether it is an object and no array or null. */
export function isThing(value: Value | undefined): value is Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text that is equal for values that say the same, member order aside. */
export function sameText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(sameText).join()}]`
  if (!isThing(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sameText(value[key] as Value)}`)
    .join()}}`
}
