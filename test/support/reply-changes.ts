/** What wrong servers do to what passes: which requests they mean, and how they rewrite. */
import type { Passing, Reply, Wrong } from './wrong-server.ts'

export type Json = { [member: string]: unknown }

export const isDocument = ({ target }: Passing) => /\/tenantry-verify-[^/]+\/[^/?]+$/.test(target)
export const isLive = ({ target }: Passing) => target.endsWith('/versions/current')
export const isList = ({ target }: Passing) => /\/tenantry-verify-[^/]+$/.test(target)
export const isWrite = ({ method }: Passing) => method === 'POST' || method === 'PUT'

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'latin1').toString())
  } catch {
    return undefined
  }
}

export function packed(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1')
}

/** Changes a JSON answer; what is none stays. */
export function rewrite(reply: Reply, change: (value: unknown) => unknown): void {
  if (reply.body === '') return
  reply.body = JSON.stringify(change(JSON.parse(reply.body)))
}

/** Each document that an answer shows. */
export function eachDocument(value: unknown, change: (document: Json) => void): unknown {
  const entries = Array.isArray(value) ? value.map((entry) => entry.data) : [value]
  for (const document of entries) if (isObject(document)) change(document)
  return value
}

export const onlyOk =
  (change: (reply: Reply, passing: Passing) => void) => (reply: Reply, passing: Passing) => {
    if (reply.status < 300 && reply.status !== 204 && passing.target.includes('tenantry-verify')) {
      change(reply, passing)
    }
  }

/** What a request says in the stamps, by path: state of a server that believes clients. */
export function believer(): Wrong {
  const said = new Map<string, Json>()
  return {
    enter(passing) {
      const body = parsed(passing.body)
      if (!isWrite(passing) || !isObject(body)) return undefined
      const { updated, updatedBy } = body
      const path = passing.target
      if (updated !== undefined) said.set(path, { updated, updatedBy })
      return undefined
    },
    leave: onlyOk((reply, { target }) => {
      rewrite(reply, (value) => (isObject(value) ? { ...value, ...said.get(target) } : value))
    }),
  }
}

/** Members that are arrays, as long as those that were there, with the members of both. */
export function withArraysMerged(body: Json, former: Json): Json {
  const merged = Object.entries(body).map(([name, value]) => {
    const old = former[name]
    if (!Array.isArray(value) || !Array.isArray(old) || value.length !== old.length) {
      return [name, value]
    }
    const both = (each: unknown, at: number) =>
      isObject(each) && isObject(old[at]) ? { ...old[at], ...each } : each
    return [name, value.map(both)]
  })
  return Object.fromEntries(merged)
}
