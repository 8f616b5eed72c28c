/**
 * What can be asked of documents: five methods on three kinds of address, and the list. Each is
 * declared once here; the doors, the order of authorisation and the tests read it off.
 */
import { failedCondition, refuseFailedCondition } from '../contract/conditions.ts'
import { idempotencyKeptMs } from '../contract/limits.ts'
import type { DocumentAddress } from '../contract/names.ts'
import { tenantDocument } from '../contract/names.ts'
import type { Answer, Ask, JsonSchema, Operation } from '../contract/operation.ts'
import type { Caller } from '../identity/caller.ts'
import type { WriteRules } from './command.ts'
import { makeCommand } from './command.ts'
import type { RunningRepeats } from './idempotency.ts'
import type { ListNeeds } from './list.ts'
import { listDocuments } from './list.ts'
import type { Resource, Shown } from './resource.ts'
import { shownBase, shownLive } from './resource.ts'
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

const documentSchema: JsonSchema = { type: 'object', additionalProperties: true }
const patchSchema: JsonSchema = { type: ['object', 'array'] }
const listSchema: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { id: { type: 'string' }, data: documentSchema },
    required: ['id', 'data'],
  },
}

const ofTenant: AddressOf = ({ caller }) => tenantDocument(caller.tenant)
const ofDocument: AddressOf = ({ caller, names }) => ({
  tenant: caller.tenant,
  collection: names.collection,
  document: names.docId,
})

export const documentOperations: readonly DocumentOperation[] = [
  reading('getProvisioningTenant', tenantPath, 'Read the document of the tenant', 'base', ofTenant),
  ...writing('ProvisioningTenant', tenantPath, 'the document of the tenant', 'base', ofTenant),
  {
    name: 'listProvisioningCollection',
    summary: 'List the documents of a collection',
    method: 'GET',
    path: collectionPath,
    access: 'scope',
    query: ['limit', 'cursor'],
    input: 'none',
    output: listSchema,
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
  part: Part,
  addressOf: AddressOf,
): DocumentOperation {
  const fixed = { method: 'GET', access: 'scope', input: 'none', statuses: [200] } as const
  return { name, summary, path, output: documentSchema, ...fixed, run: readPart(part, addressOf) }
}

/** POST, PUT, PATCH and DELETE of one kind of document. */
function writing(
  noun: string,
  path: string,
  what: string,
  part: Part,
  addressOf: AddressOf,
): readonly DocumentOperation[] {
  const fixed = { path, access: 'scope', repeatable: 'kept', output: documentSchema } as const
  const write = (modeOf: ModeOf) => writePart(part, modeOf, addressOf)
  return [
    {
      ...fixed,
      name: `post${noun}`,
      summary: `Create or replace ${what}`,
      method: 'POST',
      takes: 'json',
      input: documentSchema,
      statuses: [200, 201],
      run: write(() => 'replace'),
    },
    {
      ...fixed,
      name: `put${noun}`,
      summary: `Merge into ${what}`,
      method: 'PUT',
      takes: 'json',
      input: documentSchema,
      statuses: [200],
      run: write(() => 'merge'),
    },
    {
      ...fixed,
      name: `patch${noun}`,
      summary: `Patch ${what}`,
      method: 'PATCH',
      takes: 'patch',
      input: patchSchema,
      statuses: [200],
      run: write(({ patchType }) =>
        patchType === 'application/json-patch+json' ? 'jsonPatch' : 'mergePatch',
      ),
    },
    {
      ...fixed,
      name: `delete${noun}`,
      summary: `Delete ${what}`,
      method: 'DELETE',
      input: 'none',
      output: {},
      statuses: [204],
      run: write(() => 'delete'),
    },
  ]
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
