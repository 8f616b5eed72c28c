/**
 * Documents as the interface document shows them: a bot is made, changed, published and deleted
 * again, and so is the document of the tenant. Each builds on those before it.
 */
import type { Example } from '../contract/example.ts'
import type { JsonObject } from '../contract/json.ts'

const bot = { collection: 'bots', docId: 'bot-001' }
const other = { collection: 'bots', docId: 'bot-002' }

/** As an answer shows it. */
function stamped(content: JsonObject): JsonObject {
  return { ...content, updated: 1800000000000, updatedBy: 'apikey:WOOgukfMNUDZ' }
}

const greeting = { greeting: 'Good evening', model: 'fast' }

export const documentExamples: readonly Example[] = [
  {
    operation: 'postProvisioningDocument',
    title: 'A new bot',
    path: bot,
    body: { name: 'Front desk', hours: { from: '08:00', to: '18:00' } },
    status: 201,
    answer: stamped({ name: 'Front desk', hours: { from: '08:00', to: '18:00' } }),
  },
  {
    operation: 'postProvisioningDocument',
    title: 'Only where there is none',
    path: other,
    headers: { 'If-None-Match': '*', 'Idempotency-Key': '5e8c0b9a-bot-002' },
    body: { name: 'Night desk', versions: { current: greeting } },
    status: 201,
    answer: stamped({ name: 'Night desk', versions: { current: stamped(greeting) } }),
  },
  {
    operation: 'postProvisioningDocument',
    title: 'Another in its place',
    path: bot,
    body: { name: 'Reception', hours: { from: '08:00', to: '18:00' } },
    status: 200,
    answer: stamped({ name: 'Reception', hours: { from: '08:00', to: '18:00' } }),
  },
  {
    operation: 'putProvisioningDocument',
    title: 'Open for longer',
    path: bot,
    headers: { 'If-Match': '"2-bf5e4ea6"' },
    body: { hours: { to: '20:00' } },
    status: 200,
    answer: stamped({ name: 'Reception', hours: { from: '08:00', to: '20:00' } }),
  },
  {
    operation: 'patchProvisioningDocument',
    title: 'Without an opening time',
    path: bot,
    mediaType: 'application/merge-patch+json',
    body: { hours: { from: null } },
    status: 200,
    answer: stamped({ name: 'Reception', hours: { to: '20:00' } }),
  },
  {
    operation: 'patchProvisioningDocument',
    title: 'Another name, if it is still this one',
    path: bot,
    mediaType: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/name', value: 'Reception' },
      { op: 'replace', path: '/name', value: 'Front desk' },
    ],
    status: 200,
    answer: stamped({ name: 'Front desk', hours: { to: '20:00' } }),
  },
  {
    operation: 'postProvisioningVersionCurrent',
    title: 'The first live version',
    path: bot,
    body: greeting,
    status: 201,
    answer: stamped(greeting),
  },
  {
    operation: 'postProvisioningVersionCurrent',
    title: 'Another live version',
    path: bot,
    body: { greeting: 'Hello', model: 'fast' },
    status: 200,
    answer: stamped({ greeting: 'Hello', model: 'fast' }),
  },
  {
    operation: 'putProvisioningVersionCurrent',
    title: 'Another greeting',
    path: bot,
    body: { greeting: 'Hello, how can I help?' },
    status: 200,
    answer: stamped({ greeting: 'Hello, how can I help?', model: 'fast' }),
  },
  {
    operation: 'patchProvisioningVersionCurrent',
    title: 'Without a model',
    path: bot,
    mediaType: 'application/merge-patch+json',
    body: { model: null },
    status: 200,
    answer: stamped({ greeting: 'Hello, how can I help?' }),
  },
  {
    operation: 'patchProvisioningVersionCurrent',
    title: 'With a model again',
    path: bot,
    mediaType: 'application/json-patch+json',
    body: [{ op: 'add', path: '/model', value: 'fast' }],
    status: 200,
    answer: stamped({ greeting: 'Hello, how can I help?', model: 'fast' }),
  },
  {
    operation: 'getProvisioningVersionCurrent',
    title: 'What is live',
    path: bot,
    status: 200,
    answer: stamped({ greeting: 'Hello, how can I help?', model: 'fast' }),
  },
  {
    operation: 'getProvisioningDocument',
    title: 'A bot and what is live of it',
    path: bot,
    status: 200,
    answer: stamped({
      name: 'Front desk',
      hours: { to: '20:00' },
      versions: { current: stamped({ greeting: 'Hello, how can I help?', model: 'fast' }) },
    }),
  },
  {
    operation: 'deleteProvisioningVersionCurrent',
    title: 'Off live',
    path: bot,
    status: 204,
  },
  {
    operation: 'listProvisioningCollection',
    title: 'Two bots',
    path: { collection: 'bots' },
    query: { limit: '100' },
    status: 200,
    answer: [
      { id: 'bot-001', data: stamped({ name: 'Front desk', hours: { to: '20:00' } }) },
      {
        id: 'bot-002',
        data: stamped({ name: 'Night desk', versions: { current: stamped(greeting) } }),
      },
    ],
  },
  {
    operation: 'deleteProvisioningDocument',
    title: 'A bot and all of it',
    path: other,
    status: 204,
  },
  {
    operation: 'postProvisioningTenant',
    title: 'The first settings',
    body: { plan: 'team', contact: { email: 'owner@alpha.test' } },
    status: 201,
    answer: stamped({ plan: 'team', contact: { email: 'owner@alpha.test' } }),
  },
  {
    operation: 'postProvisioningTenant',
    title: 'Other settings in their place',
    body: { plan: 'team', contact: { email: 'desk@alpha.test' } },
    status: 200,
    answer: stamped({ plan: 'team', contact: { email: 'desk@alpha.test' } }),
  },
  {
    operation: 'putProvisioningTenant',
    title: 'One more setting',
    body: { contact: { phone: '+41 31 555 01 00' } },
    status: 200,
    answer: stamped({
      plan: 'team',
      contact: { email: 'desk@alpha.test', phone: '+41 31 555 01 00' },
    }),
  },
  {
    operation: 'patchProvisioningTenant',
    title: 'One setting less',
    mediaType: 'application/merge-patch+json',
    body: { contact: { phone: null } },
    status: 200,
    answer: stamped({ plan: 'team', contact: { email: 'desk@alpha.test' } }),
  },
  {
    operation: 'patchProvisioningTenant',
    title: 'Another plan',
    mediaType: 'application/json-patch+json',
    body: [{ op: 'replace', path: '/plan', value: 'company' }],
    status: 200,
    answer: stamped({ plan: 'company', contact: { email: 'desk@alpha.test' } }),
  },
  {
    operation: 'getProvisioningTenant',
    title: 'The settings',
    status: 200,
    answer: stamped({ plan: 'company', contact: { email: 'desk@alpha.test' } }),
  },
  {
    operation: 'deleteProvisioningTenant',
    title: 'No settings',
    status: 204,
  },
]
