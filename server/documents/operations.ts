/**
 * What can be asked of documents: five methods on three kinds of address, and the list. Each is
 * declared once here; the doors, the order of authorisation and the tests read it off.
 */
import { failedCondition, refuseFailedCondition } from '../contract/conditions.ts'
import { idempotencyKeptMs } from '../contract/limits.ts'
import type { DocumentAddress } from '../contract/names.ts'
import { tenantDocument } from '../contract/names.ts'
import type { Answer, Ask, Operation } from '../contract/operation.ts'
import type { Caller } from '../identity/caller.ts'
import type { WriteRules } from './command.ts'
import { makeCommand } from './command.ts'
import type { RunningRepeats } from './idempotency.ts'
import type { ListNeeds } from './list.ts'
import { listDocuments } from './list.ts'
import type { Resource, Shown } from './resource.ts'
import { shownBase, shownLive } from './resource.ts'
import { documentSchema, jsonPatchSchema, listSchema, mergePatchSchema } from './schemas.ts'
import type { WriteOutcome } from './store.ts'
import type { Part, WriteCommand, WriteMode } from './write.ts'
import { missing } from './write.ts'

export type DocumentNeeds = ListNeeds &
  WriteRules & {
    readonly runningRepeats: RunningRepeats
    /** Epoch milliseconds. */
    readonly now: () => number
  }

type DocumentOperation = Operation<Caller, DocumentNeeds>
type Run = (ask: Ask<Caller>, needs: DocumentNeeds) => Promise<Answer>
type AddressOf = (ask: Ask<Caller>) => DocumentAddress
type ModeOf = (ask: Ask<Caller>) => WriteMode

const tenantPath = '/api/v1/provisioning/tenants/{tenantId}'
const collectionPath = `${tenantPath}/{collection}`
const documentPath = `${collectionPath}/{docId}`
const livePath = `${documentPath}/versions/current`

const aDocument = { 'application/json': documentSchema }

const ofTenant: AddressOf = ({ caller }) => tenantDocument(caller.tenant)
const ofDocument: AddressOf = ({ caller, names }) => ({
  tenant: caller.tenant,
  collection: names.collection,
  document: names.docId,
})

/** Which kind of document is spoken of: the tenant's own has no live version. */
type Kind = 'tenant' | Part

const replaces = 'POST replaces: nothing of the old content is left.'
const merges =
  'PUT merges: a member that the body does not mention is kept, at every depth. Arrays and all ' +
  'else are replaced whole, `null` is a value, and a document that is not there is not made.'
const patches =
  'A JSON Merge Patch (RFC 7396), in which `null` removes, or a JSON Patch (RFC 6902), done ' +
  'whole or not at all. It applies to the document as GET shows it.'

/** What the interface document says of each. */
const about = {
  tenant: {
    reading: 'Settings of the tenant as a whole. It is missing until it is first written.',
    replacing: replaces,
    merging: merges,
    patching: patches,
    deleting: 'Made again, its revisions go on. Collections stay as they are.',
  },
  base: {
    reading: 'As it was written, with its stamps; a live version shows under `versions.current`.',
    replacing:
      `${replaces} An object at \`versions.current\` replaces the live version with it; ` +
      'without one the live version stays as it is.',
    merging:
      `${merges} An object at \`versions.current\` is merged into the live version, which is ` +
      'made where there is none.',
    patching: `${patches} It cannot remove the live version; DELETE can.`,
    deleting: 'With its live version, where it has one. Made again, its revisions go on.',
  },
  live: {
    reading: 'A document of its own, which a base shows under `versions.current`.',
    replacing:
      `${replaces} What changes the content publishes a version. A base that is missing is made, ` +
      'empty.',
    merging: `${merges} What changes the content publishes a version.`,
    patching: `${patches} What changes the content publishes a version.`,
    deleting: 'Takes it off live; the base stays.',
  },
} as const satisfies { readonly [Each in Kind]: { readonly [what: string]: string } }

export const documentOperations: readonly DocumentOperation[] = [
  reading(
    'getProvisioningTenant',
    tenantPath,
    'Read the document of the tenant',
    'tenant',
    ofTenant,
  ),
  ...writing('ProvisioningTenant', tenantPath, 'the document of the tenant', 'tenant', ofTenant),
  {
    name: 'listProvisioningCollection',
    summary: 'List the documents of a collection',
    about:
      'All of them, by id, as a bare array; a collection that nobody has written to is `[]`. ' +
      'With `limit` it is cut into parts, and the `Link` header leads to the next.',
    method: 'GET',
    path: collectionPath,
    access: 'scope',
    query: ['limit', 'cursor'],
    output: { 'application/json': listSchema },
    statuses: [200],
    run: async ({ caller, names, query }, needs) =>
      listDocuments({ tenant: caller.tenant, collection: names.collection }, query, needs),
  },
  reading('getProvisioningDocument', documentPath, 'Read a document', 'base', ofDocument),
  ...writing('ProvisioningDocument', documentPath, 'a document', 'base', ofDocument),
  reading(
    'getProvisioningVersionCurrent',
    livePath,
    'Read the live version of a document',
    'live',
    ofDocument,
  ),
  ...writing('ProvisioningVersionCurrent', livePath, 'the live version', 'live', ofDocument),
]

function reading(
  name: string,
  path: string,
  summary: string,
  kind: Kind,
  addressOf: AddressOf,
): DocumentOperation {
  return {
    name,
    summary,
    about: about[kind].reading,
    method: 'GET',
    path,
    access: 'scope',
    output: aDocument,
    statuses: [200],
    refuses: ['NotFound', 'PreconditionFailed'],
    run: readPart(partOf(kind), addressOf),
  }
}

/** POST, PUT, PATCH and DELETE of one kind of document. */
function writing(
  noun: string,
  path: string,
  what: string,
  kind: Kind,
  addressOf: AddressOf,
): readonly DocumentOperation[] {
  const fixed = { path, access: 'scope', repeatable: 'kept' } as const
  const write = (modeOf: ModeOf) => writePart(partOf(kind), modeOf, addressOf)
  return [
    {
      ...fixed,
      name: `post${noun}`,
      summary: `Create or replace ${what}`,
      about: about[kind].replacing,
      method: 'POST',
      takes: 'json',
      input: aDocument,
      output: aDocument,
      statuses: [200, 201],
      refuses: ['PreconditionFailed'],
      run: write(() => 'replace'),
    },
    {
      ...fixed,
      name: `put${noun}`,
      summary: `Merge into ${what}`,
      about: about[kind].merging,
      method: 'PUT',
      takes: 'json',
      input: aDocument,
      output: aDocument,
      statuses: [200],
      refuses: ['NotFound', 'PreconditionFailed'],
      run: write(() => 'merge'),
    },
    {
      ...fixed,
      name: `patch${noun}`,
      summary: `Patch ${what}`,
      about: about[kind].patching,
      extension: true,
      method: 'PATCH',
      takes: 'patch',
      input: {
        'application/merge-patch+json': mergePatchSchema,
        'application/json-patch+json': jsonPatchSchema,
      },
      output: aDocument,
      statuses: [200],
      refuses: ['NotFound', 'Conflict', 'PreconditionFailed'],
      run: write(({ patchType }) =>
        patchType === 'application/json-patch+json' ? 'jsonPatch' : 'mergePatch',
      ),
    },
    {
      ...fixed,
      name: `delete${noun}`,
      summary: `Delete ${what}`,
      about: about[kind].deleting,
      extension: true,
      method: 'DELETE',
      statuses: [204],
      refuses: ['NotFound', 'PreconditionFailed'],
      run: write(() => 'delete'),
    },
  ]
}

function partOf(kind: Kind): Part {
  return kind === 'live' ? 'live' : 'base'
}

function readPart(part: Part, addressOf: AddressOf): Run {
  return async (ask, { documents }) => {
    const resource = await documents.read(addressOf(ask))
    const shown = resource && show(resource, part)
    if (shown === undefined) throw missing(part)
    // A failed If-None-Match is good news to a reader: what it has is what there is.
    const failed = failedCondition(ask.conditions, shown.etag)
    if (failed === 'If-None-Match') return { kind: 'notModified', etag: shown.etag }
    refuseFailedCondition(ask.conditions, shown.etag)
    return { kind: 'document', created: false, ...shown }
  }
}

function writePart(part: Part, modeOf: ModeOf, addressOf: AddressOf): Run {
  return async (ask, needs) => {
    const address = addressOf(ask)
    const outcome = await writeOnce(
      address,
      commandOf(part, modeOf(ask), address, ask, needs),
      needs,
    )
    const { resource, action, replayed } = outcome
    if (action === 'delete') return { kind: 'nothing', replayed }
    const shown = resource.base && show(resource, part)
    if (shown === undefined) throw new Error(`a write left no ${part} document behind`)
    return { kind: 'document', created: action === 'create', replayed, ...shown }
  }
}

/** While a write that may be repeated runs, its repetition is refused. */
async function writeOnce(
  address: DocumentAddress,
  command: WriteCommand,
  { documents, runningRepeats }: DocumentNeeds,
): Promise<WriteOutcome> {
  const { repeat, by } = command
  if (repeat === undefined) return documents.write(address, command)
  const end = runningRepeats.begin(`${by} ${repeat.key}`)
  try {
    return await documents.write(address, command)
  } finally {
    end()
  }
}

function commandOf(
  part: Part,
  mode: WriteMode,
  address: DocumentAddress,
  { caller, conditions, body, repeatable, requestId }: Ask<Caller>,
  { now, ...rules }: DocumentNeeds,
): WriteCommand {
  const at = now()
  const repeat = repeatable && { ...repeatable, keptUntil: at + idempotencyKeptMs }
  const said = { part, mode, body, conditions, by: caller.name, at, requestId, repeat }
  return makeCommand(address, said, rules)
}

function show(resource: Resource, part: Part): Shown | undefined {
  if (part === 'base') return shownBase(resource)
  return resource.live && shownLive(resource.live)
}
