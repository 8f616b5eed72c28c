/** What documents look like from outside: schemas of bodies and answers, by published names. */
import type { JsonSchema } from '../contract/operation.ts'

export const documentSchema: JsonSchema = {
  title: 'ProvisioningDocument',
  type: 'object',
  additionalProperties: true,
  description:
    'Any JSON object. The server stamps what it answers with `updated`, the epoch milliseconds ' +
    'of the last write, and `updatedBy`, `apikey:` and the id of the key that wrote; what is ' +
    'sent in these two members is ignored.',
}

export const listSchema: JsonSchema = {
  title: 'ProvisioningCollectionResponse',
  type: 'array',
  items: {
    title: 'ProvisioningCollectionEntry',
    type: 'object',
    properties: {
      id: { type: 'string', description: 'The name of the document in its collection.' },
      data: documentSchema,
    },
    required: ['id', 'data'],
  },
}

export const mergePatchSchema: JsonSchema = {
  title: 'MergePatch',
  type: 'object',
  additionalProperties: true,
  description: 'Members to set, at any depth; those that are `null` are removed (RFC 7396).',
}

export const jsonPatchSchema: JsonSchema = {
  title: 'JsonPatch',
  type: 'array',
  description: 'Operations that are done in their order, all or none (RFC 6902).',
  items: {
    title: 'JsonPatchOperation',
    type: 'object',
    properties: {
      op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
      path: { type: 'string', description: 'A JSON Pointer (RFC 6901).' },
      from: { type: 'string', description: 'A JSON Pointer, of `move` and `copy`.' },
      value: { description: 'Any JSON, of `add`, `replace` and `test`.' },
    },
    required: ['op', 'path'],
  },
}
