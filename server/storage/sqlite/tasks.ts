/**
 * Everything that is ever written, as tasks: named, with plain data in and out, so that they can
 * cross to the writer's thread. A task refuses, or finds a row that is not as it was written,
 * before it writes, or it writes all it has to; it never opens a transaction of its own, since many
 * share one.
 */
import type { RefusalDetail, RefusalHints } from '../../contract/errors.ts'
import { Refusal } from '../../contract/errors.ts'
import type { TenantId } from '../../contract/names.ts'
import type { Rotation, RotationOutcome } from '../../identity/rotation.ts'
import type { EndedTenant, Key, KeyCreation, Tenant } from '../../identity/store.ts'
import type { PackedOutcome, PackedWrite } from './crossing.ts'

/** The promises are those of the rooms' `store.ts`, where each has the same name. */
export type Tasks = {
  write(packed: PackedWrite): PackedOutcome
  dropKept(at: number): number
  createTenant(tenant: Tenant): boolean
  createKey(key: Key): KeyCreation
  revokeKey(id: string, tenant: TenantId | undefined, at: number): Key | undefined
  rotateKey(id: string, rotation: Rotation): RotationOutcome
  recordUse(uses: ReadonlyMap<string, number>): void
  keepSecret(name: string, candidate: Uint8Array, at: number): Uint8Array
  endTenant(id: TenantId, at: number, by: string): EndedTenant | undefined
  dropOfTenant(id: TenantId): number
  freeTenant(id: TenantId): boolean
  /** Changes nothing, durably: it succeeds when there is room to write again. */
  probe(): void
}

export type TaskName = keyof Tasks

export type Task = { readonly name: TaskName; readonly takes: readonly unknown[] }

/** What became of a task. */
export type TaskEnd =
  | { readonly end: 'done'; readonly gives: unknown }
  | { readonly end: 'refused'; readonly refusal: PlainRefusal }
  | { readonly end: 'failed'; readonly fault: unknown }

/** A `Refusal` as plain data: the class does not survive the way between threads. */
export type PlainRefusal = {
  readonly code: Refusal['code']
  readonly message: string
  readonly details: readonly RefusalDetail[]
  readonly hints: RefusalHints
}

/** What is sent to the writer's thread. */
export type ToWriter =
  | { readonly kind: 'batch'; readonly tasks: readonly Task[] }
  /** Asks whether another process has written. */
  | { readonly kind: 'look' }
  | { readonly kind: 'close' }

/** What comes back. */
export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'notReady'; readonly message: string; readonly inUse: boolean }
  | {
      readonly kind: 'batchEnded'
      /** Of the first tasks of the batch, one commit's; the others were not begun. */
      readonly ends: readonly TaskEnd[]
      /** Whether another process has written since this was last told. */
      readonly others: boolean
      /** From the first statement until the commit was on disk, in milliseconds. */
      readonly durationMs: number
    }
  | { readonly kind: 'looked'; readonly others: boolean }
  /** The disk or the file failed: nothing may be acknowledged from here on. */
  | { readonly kind: 'broken'; readonly fault: unknown }

/** The plain data of a refusal. */
export function toPlain({ code, message, details, hints }: Refusal): PlainRefusal {
  return { code, message, details, hints }
}

/** The refusal of this plain data. */
export function fromPlain({ code, message, details, hints }: PlainRefusal): Refusal {
  return new Refusal(code, message, { details, ...hints })
}
