/** What keys look like from outside: schemas of bodies and answers, by their names there. */
import { keyOverlapMaxSeconds, keyScopesMax, labelMaxCharacters } from '../contract/limits.ts'
import type { JsonSchema } from '../contract/operation.ts'

const idSchema: JsonSchema = {
  type: 'string',
  description: 'Names the key, and is no secret.',
}
const textSchema: JsonSchema = {
  type: 'string',
  description: 'What a client sends to prove itself. It is shown this once.',
}
const labelSchema: JsonSchema = {
  type: 'string',
  maxLength: labelMaxCharacters,
  description: 'What the key is for, in words for people.',
}
const scopesSchema: JsonSchema = {
  type: 'array',
  items: { type: 'string' },
  description: 'What the key may do: `provisioning:*`, `provisioning:read`, `provisioning:users`.',
}
const expirySchema = timeOrNull('When it ends by itself, in epoch milliseconds; null: never.')

export const whoamiSchema = closed('Whoami', {
  id: idSchema,
  label: labelSchema,
  tenant: { type: 'string', description: 'Whose documents it opens.' },
  scopes: scopesSchema,
  expiresAt: expirySchema,
})

const keySchema = closed('Key', {
  label: labelSchema,
  scopes: scopesSchema,
  created: { type: 'integer', format: 'int64', description: 'When, in epoch milliseconds.' },
  createdBy: {
    type: 'string',
    description: 'Who made it: `apikey:` and the id of a key, or `cli:` and an operator.',
  },
  expiresAt: expirySchema,
  lastUsed: timeOrNull('About when it was last used, some seconds late; null: never.'),
  revoked: timeOrNull('When it was ended; null: it was not.'),
})

export const keyListSchema: JsonSchema = {
  title: 'KeyList',
  type: 'array',
  items: closed('KeyEntry', { id: idSchema, data: keySchema }),
}

export const keyRequestSchema: JsonSchema = {
  ...closed('KeyRequest', {
    label: labelSchema,
    scopes: { ...scopesSchema, minItems: 1, maxItems: keyScopesMax },
    expiresAt: expirySchema,
  }),
  required: ['label', 'scopes'],
}

export const createdKeySchema = closed('CreatedKey', {
  id: idSchema,
  key: textSchema,
  label: labelSchema,
  scopes: scopesSchema,
  expiresAt: expirySchema,
})

export const rotationSchema: JsonSchema = {
  ...closed('Rotation', {
    overlapSeconds: {
      type: 'integer',
      minimum: 0,
      maximum: keyOverlapMaxSeconds,
      description: 'For how long the old key goes on living; 0 if nothing is said.',
    },
  }),
  required: [],
}

export const rotatedKeySchema = closed('RotatedKey', { id: idSchema, key: textSchema })

/** An object of these members and no others, all of them there. */
function closed(title: string, properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  const required = Object.keys(properties)
  return { title, type: 'object', properties, required, additionalProperties: false }
}

function timeOrNull(description: string): JsonSchema {
  return { type: ['integer', 'null'], format: 'int64', description }
}
