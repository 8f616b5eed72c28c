/**
 * Patches, on the document as GET shows it: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902).
 * Both work on text taken apart, as everything here: what a patch does not touch stays as it was
 * written. A patch is applied as a whole or not at all, and its work is bounded.
 */
import { Refusal } from '../contract/errors.ts'
import type { JsonNode, JsonText, JsonTree } from '../contract/json-text.ts'
import { isObjectText, readNode, readTree, writeNode, writeTree } from '../contract/json-text.ts'
import {
  bodyDepthMax,
  memberNameMaxBytes,
  patchCopiesMaxCharacters,
  patchNodesMax,
} from '../contract/limits.ts'
import { isSameNode } from './compare.ts'

/** RFC 7396: `null` removes a member, objects merge, all else is replaced. */
export function applyMergePatch(target: JsonText, patch: JsonText): JsonText {
  const merged = readTree(target)
  mergePatch(merged, readTree(patch))
  return writeTree(merged)
}

function mergePatch(target: JsonTree, patch: JsonTree): void {
  for (const [key, value] of patch) {
    if (value === 'null') target.delete(key)
    else if (value instanceof Map) {
      const before = target.get(key)
      const merged: JsonTree = before instanceof Map ? before : new Map()
      mergePatch(merged, value)
      target.set(key, merged)
    } else target.set(key, value)
  }
}

/** Throws `BadRequest` for what is no patch by RFC 6902, whatever it would be applied to. */
export function checkJsonPatch(patch: JsonText): void {
  parseJsonPatch(patch)
}

/**
 * RFC 6902. Throws `BadRequest` for what is no such patch or leaves no object, `Conflict` for a
 * path that is absent or a test that fails, `PayloadTooLarge` for more work than one patch may do.
 */
export function applyJsonPatch(target: JsonText, patch: JsonText): JsonText {
  const patcher = new Patcher(readNode(target))
  for (const step of parseJsonPatch(patch)) patcher.apply(step)
  const outcome = writeNode(patcher.root)
  if (isObjectText(outcome)) return outcome
  throw new Refusal('BadRequest', 'The patch would leave no object, and a document is one.')
}

type Path = readonly string[]

type Step = {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: Path
  /** Of `move` and `copy`. */
  readonly from: Path
  /** Of `add`, `replace` and `test`. */
  readonly value: JsonNode
  /** Where the step stands in the patch. */
  readonly at: number
}

/** All of it, before anything is done: what is wrong with the last is no matter of the first. */
function parseJsonPatch(patch: JsonText): readonly Step[] {
  const steps = readNode(patch)
  if (!isList(steps)) throw new Refusal('BadRequest', 'A JSON Patch is an array of operations.')
  return steps.map(parseStep)
}

const ops: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test'])

function parseStep(node: JsonNode, at: number): Step {
  if (!(node instanceof Map)) throw malformed(at, '', 'it is no object')
  const op = textOf(node, 'op', at)
  if (!isOp(op)) throw malformed(at, '/op', `its op is not one of ${[...ops].join(', ')}`)
  const path = parsePath(textOf(node, 'path', at), at, 'path')
  if (op === 'remove' && path.length === 0) {
    throw malformed(at, '/path', 'it removes the document; use DELETE')
  }
  const moves = op === 'move' || op === 'copy'
  if (moves || op === 'add') checkNewKey(path.at(-1) ?? '', at)
  const from = moves ? parsePath(textOf(node, 'from', at), at, 'from') : []
  if (op === 'move' && from.length < path.length && from.every((key, n) => key === path[n])) {
    throw malformed(at, '/from', 'it moves a value into itself')
  }
  const value = node.get('"value"')
  if (value === undefined && (op === 'add' || op === 'replace' || op === 'test')) {
    throw malformed(at, '', 'its value is missing')
  }
  return { op, path, from, value: value ?? 'null', at }
}

/** A pointer can name what no body could have as a key. */
function checkNewKey(key: string, at: number): void {
  if (key === '__proto__') {
    throw malformed(at, '/path', 'the key __proto__ is not allowed; rename it')
  }
  const size = Buffer.byteLength(key)
  if (size > memberNameMaxBytes) {
    const reason = `its key would have ${size} bytes, and ${memberNameMaxBytes} is the most`
    throw malformed(at, '/path', reason)
  }
}

function isOp(text: string): text is Step['op'] {
  return ops.has(text)
}

function textOf(step: JsonTree, member: string, at: number): string {
  const node = step.get(`"${member}"`)
  if (typeof node === 'string' && node.startsWith('"')) return JSON.parse(node)
  throw malformed(at, `/${member}`, `its ${member} is no string`)
}

/** RFC 6901. */
function parsePath(pointer: string, at: number, member: string): Path {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw malformed(at, `/${member}`, `its ${member} is no JSON Pointer`)
  }
  // Cut off there: a text of slashes alone would be a million parts.
  const parts = pointer.slice(1).split('/', bodyDepthMax + 1)
  if (parts.length > bodyDepthMax) {
    throw malformed(at, `/${member}`, `its ${member} is deeper than ${bodyDepthMax} levels`)
  }
  // Most have no escapes; and a pattern is twice as fast as a text where there are very many.
  if (!pointer.includes('~')) return parts
  return parts.map((part) => part.replaceAll(/~1/g, '/').replaceAll(/~0/g, '~'))
}

class Patcher {
  root: JsonNode
  private nodes = 0
  private copied = 0

  constructor(root: JsonNode) {
    this.root = root
  }

  apply(step: Step): void {
    switch (step.op) {
      case 'add':
        this.add(step, step.value)
        break
      case 'remove':
        this.remove(step.path, step)
        break
      case 'replace':
        this.find(step.path, step)
        this.put(step, step.value)
        break
      case 'move': {
        const moved = this.find(step.from, step)
        if (step.from.length === 0) break
        this.remove(step.from, step)
        this.add(step, moved)
        break
      }
      case 'copy':
        this.add(step, this.clone(this.find(step.from, step), 0))
        break
      case 'test':
        if (!isSameNode(this.find(step.path, step), step.value)) {
          throw conflict(step, 'the value there is another than the one it tests for')
        }
    }
  }

  private find(path: Path, step: Step): JsonNode {
    // Two steps of the way cost about as much as one node; thousands of long ways are work too.
    this.nodes += path.length >> 1
    let node = this.root
    for (const key of path) {
      const next = childOf(node, key)
      if (next === undefined) throw conflict(step, 'there is nothing at its path')
      node = next
    }
    return node
  }

  private add(step: Step, value: JsonNode): void {
    const parent = this.parentOf(step)
    const key = step.path.at(-1)
    if (!isList(parent) || key === undefined) {
      this.put(step, value)
      return
    }
    const index = key === '-' ? parent.length : indexOf(key)
    if (index === undefined || index > parent.length) {
      throw conflict(step, 'the array there has no such place')
    }
    this.weigh(value, step.path.length)
    this.shift(parent)
    parent.splice(index, 0, value)
  }

  /** Sets a member, an element that is there, or the root. */
  private put(step: Step, value: JsonNode): void {
    this.weigh(value, step.path.length)
    const parent = this.parentOf(step)
    const key = step.path.at(-1) ?? ''
    if (parent === undefined) this.root = value
    else if (isList(parent)) parent[Number(key)] = value
    else parent.set(quotedKey(key), value)
  }

  private remove(path: Path, step: Step): void {
    this.find(path, step)
    const key = path.at(-1) ?? ''
    const parent = this.find(path.slice(0, -1), step)
    if (parent instanceof Map) parent.delete(quotedKey(key))
    else if (isList(parent)) {
      this.shift(parent)
      parent.splice(Number(key), 1)
    }
  }

  /** The container that the path ends in; undefined above the root. */
  private parentOf(step: Step): JsonTree | JsonNode[] | undefined {
    if (step.path.length === 0) return undefined
    const parent = this.find(step.path.slice(0, -1), step)
    if (typeof parent === 'string') throw conflict(step, 'what is above its path has no members')
    return parent instanceof Map ? parent : (parent as JsonNode[])
  }

  private clone(node: JsonNode, depth: number): JsonNode {
    this.count(depth)
    if (typeof node === 'string') {
      this.countCopied(node)
      return node
    }
    if (!(node instanceof Map)) return node.map((each) => this.clone(each, depth + 1))
    const tree: JsonTree = new Map()
    for (const [key, each] of node) {
      this.countCopied(key)
      tree.set(key, this.clone(each, depth + 1))
    }
    return tree
  }

  private countCopied({ length }: string): void {
    this.copied += length
    if (this.copied > patchCopiesMaxCharacters) throw tooMuch()
  }

  /** Counts what comes in, and how deep it would be. */
  private weigh(node: JsonNode, depth: number): void {
    this.count(depth)
    if (typeof node === 'string') return
    for (const each of node.values()) this.weigh(each, depth + 1)
  }

  private count(depth: number): void {
    // What the limits allow in the end may be a step deeper in between, but not without bound.
    if (depth > 2 * bodyDepthMax || ++this.nodes > patchNodesMax) throw tooMuch()
  }

  /** To move a thousand elements up or down costs about as much as to bring one in. */
  private shift(list: readonly JsonNode[]): void {
    this.nodes += list.length >> 10
    if (this.nodes > patchNodesMax) throw tooMuch()
  }
}

function childOf(node: JsonNode, key: string): JsonNode | undefined {
  if (node instanceof Map) return node.get(quotedKey(key))
  if (typeof node === 'string') return undefined
  const index = indexOf(key)
  return index === undefined ? undefined : node[index]
}

function isList(node: JsonNode | undefined): node is JsonNode[] {
  return Array.isArray(node)
}

/** RFC 6901 section 4: digits without a leading zero. */
function indexOf(key: string): number | undefined {
  return /^(0|[1-9][0-9]{0,9})$/.test(key) ? Number(key) : undefined
}

function quotedKey(key: string): string {
  return JSON.stringify(key)
}

function malformed(at: number, member: string, reason: string): Refusal {
  return new Refusal('BadRequest', `Operation ${at} of the patch is malformed: ${reason}.`, {
    details: [{ pointer: `/${at}${member}`, reason }],
  })
}

function conflict({ op, at }: Step, reason: string): Refusal {
  return new Refusal(
    'Conflict',
    `Operation ${at} of the patch (${op}) cannot be done: ${reason}. Nothing was changed.`,
    { details: [{ pointer: `/${at}`, reason }] },
  )
}

function tooMuch(): Refusal {
  return new Refusal('PayloadTooLarge', 'The patch copies or moves too much; split it.')
}
