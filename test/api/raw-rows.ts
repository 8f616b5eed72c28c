/**
 * Requests as no well-meaning client sends them, and some that only look so. Each row says all
 * that comes back, and whether the connection goes on.
 */
import { framingRows } from './raw-framing.ts'
import { headRows } from './raw-heads.ts'
import type { RawRow } from './raw-pieces.ts'
import { rawTargetRows } from './raw-targets.ts'

export const rawRows: readonly RawRow[] = [...framingRows, ...headRows, ...rawTargetRows]
