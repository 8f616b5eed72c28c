/**
 * The names that belong to a store: its own, and those that begin with it, which it gives to what
 * it is made of and to what it makes of itself. A file that is written for people takes none.
 */
import { resolve } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import { identityOf } from './file-identity.ts'
import { realNameOf } from './folders.ts'

/** Throws `BadRequest` where this file, there or not, is one of them, links followed. */
export function refuseDataName(file: string, path: string): void {
  const store = realNameOf(path)
  const real = findRealName(resolve(file))
  // Who cannot follow it cannot write to it either, and is told then.
  if (real === undefined) return
  const tail = real.startsWith(store) ? real.slice(store.length) : undefined
  // Behind its name stands one of these in all of them; `data2` is not of `data`.
  const isName = tail !== undefined && /^($|[-.])/.test(tail)
  // One file may have two names without a link, as where letters are one in both cases.
  const identity = identityOf(real)
  if (!isName && (identity === 'none' || identity !== identityOf(store))) return
  throw new Refusal('BadRequest', `${file} is a name of the data itself. Choose another name.`)
}

function findRealName(path: string): string | undefined {
  try {
    return realNameOf(path)
  } catch {
    return undefined
  }
}
