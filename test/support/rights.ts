/**
 * What scopes grant, told a second time and as plainly as can be: every right by its name, of every
 * API, over the resources that are spoken of and one that nobody names. It shares no code with the
 * server, and parses by patterns what the server takes apart by hand.
 */

const apis = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest']
const aliases: { readonly [scope: string]: string } = {
  'reporting:botconv': 'assistant',
  'reporting:vocconv': 'voc',
}

/** Stands for the resources without end of which no scope speaks by name. */
const unnamed = '(any other)'
/** What the tenant's own document needs: a right of no resource. */
const none = '(none)'

type Parsed = { readonly api: string; readonly resource: string | undefined; readonly mode: string }

/** Undefined for a text that is no scope. */
function parse(text: string): Parsed | undefined {
  const [, api = '', rest = ''] = /^([a-z]+):(.+)$/su.exec(text) ?? []
  if (!apis.includes(api)) return undefined
  if (/^(read|write|\*)$/u.test(rest)) return { api, resource: undefined, mode: rest }
  const [, name = rest, mode = '*'] = /^(.*)\.(read|write|\*)$/su.exec(rest) ?? []
  const isName =
    /^[^/\u0000-\u001f\u007f-\u009f]+$/su.test(name) && !/^(\*|\.|\.\.|__.*__)$/su.test(name)
  if (api === 'keys' || !isName) return undefined
  return { api, resource: aliases[`${api}:${name}`] ?? name, mode }
}

/** Whether the text is a scope at all. */
export function isScope(text: string): boolean {
  return parse(text) !== undefined
}

/** Every right of these scopes, over the resources that any of `spoken` names. */
export function rightsOf(scopes: readonly string[], spoken: readonly string[]): Set<string> {
  const rights = new Set<string>()
  for (const { api, resource, mode } of scopes.flatMap((text) => parse(text) ?? [])) {
    const named = spoken.flatMap((text) => {
      const each = parse(text)
      return each?.api === api && each.resource !== undefined ? [each.resource] : []
    })
    const resources = resource === undefined ? [...named, unnamed, none] : [resource]
    const modes = mode === '*' ? ['read', 'write'] : [mode]
    for (const each of resources) for (const one of modes) rights.add(`${one} ${api} ${each}`)
  }
  return rights
}

/** Whether a key of these scopes may change keys at all. */
export function mayWriteKeys(scopes: readonly string[]): boolean {
  return rightsOf(scopes, []).has(`write keys ${none}`)
}

/** Whether each right of `given` is one of `own`. */
export function coversAll(own: readonly string[], given: readonly string[]): boolean {
  const spoken = [...own, ...given]
  return rightsOf(given, spoken).isSubsetOf(rightsOf(own, spoken))
}
