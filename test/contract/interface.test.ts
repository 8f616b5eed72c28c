/**
 * The interface that is served is the published one, but for what is marked; and the comparison
 * sees each way in which it could stop being so.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { interfaceDocument } from '../../server/compose.ts'
import type { Comparison } from './interface-compare.ts'
import { compareInterfaces, missingSchemas } from './interface-compare.ts'
import { withoutProse } from './interface-facts.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document to break in one place, whatever it is.
type Document = any

const text = readFileSync(new URL('published-1.6.0.json', import.meta.url), 'utf8')
const published: Document = JSON.parse(text)
const ours = (): Document => JSON.parse(interfaceDocument())

function allDifferences({ parts, differences }: Comparison): string[] {
  return [...differences, ...parts.flatMap((part) => part.differences)]
}

describe('the interface document', () => {
  test('differs from the published one in nothing but what it marks', (context) => {
    const comparison = compareInterfaces(published, ours())
    assert.deepEqual(allDifferences(comparison), [])
    assert.deepEqual(missingSchemas(published, ours()), [])
    const counts = comparison.parts.map(({ name, served, published }) => [name, served, published])
    assert.deepEqual(counts, [
      ['Service', 2, 2],
      ['Provisioning', 10, 10],
      ['Reporting', 0, 2],
      ['VOC', 0, 2],
      ['MCP', 0, 1],
    ])
    context.diagnostic(`${comparison.extensions.length} places are marked as extensions`)
  })

  test('is the same each time it is made', () => {
    assert.equal(interfaceDocument(), interfaceDocument())
  })

  test('names the server that it is told to name', () => {
    const { servers } = JSON.parse(interfaceDocument('https://tenantry.example.com'))
    assert.deepEqual(servers, [{ url: 'https://tenantry.example.com' }])
  })
})

test('what is kept of the published document is facts, and no sentence', () => {
  const texts: string[] = []
  const visit = (part: unknown) => {
    if (typeof part === 'string') texts.push(part)
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit)
  }
  visit(published)
  assert.deepEqual(
    texts.filter((each) => each.split(' ').length > 2),
    [],
  )
  assert.deepEqual(withoutProse(published), published)
})

const documentPath = '/api/v1/provisioning/tenants/{tenantId}/{collection}/{docId}'

/** Each breaks our document in one place, and must be told of in these words. */
const controls: readonly (readonly [
  what: string,
  breakIt: (document: Document) => void,
  told: RegExp,
])[] = [
  [
    'a status that is missing',
    ({ paths }) => delete paths[documentPath].put.responses[404],
    /PUT .*\{docId\}\/responses\/404: is missing/,
  ],
  [
    'a status that is not marked',
    ({ components }) => delete components.responses.PreconditionFailed['x-extension'],
    /responses\/412: is ours, and not marked/,
  ],
  [
    'a published status that is marked',
    ({ components }) => {
      components.responses.NotFound['x-extension'] = true
    },
    /responses\/404: is missing/,
  ],
  [
    'a parameter of another name',
    ({ components }) => {
      components.parameters.docId.name = 'documentId'
    },
    /parameters\/docId in path: is missing/,
  ],
  [
    'a parameter that may be left out',
    ({ components }) => {
      components.parameters.collection.required = false
    },
    /collection in path\/required: is false; published is true/,
  ],
  [
    'a parameter that is not marked',
    ({ components }) => delete components.parameters.limit['x-extension'],
    /limit in query: is ours, and not marked/,
  ],
  [
    'a required member that is not required',
    ({ components }) => {
      components.schemas.ErrorResponse.required = ['code']
    },
    /schema\/required: is \["code"\]; published is/,
  ],
  [
    'a member that is not marked',
    ({ components }) => delete components.schemas.ServiceInfo.properties.build['x-extension'],
    /properties\/build: is ours, and not marked/,
  ],
  [
    'a schema of another type',
    ({ components }) => {
      components.schemas.ProvisioningCollectionEntry.properties.id.type = 'integer'
    },
    /properties\/id\/type: is "integer"; published is "string"/,
  ],
  [
    'a schema of another name',
    (document) => {
      const renamed = JSON.stringify(document).replaceAll('HealthStatus', 'Health')
      Object.assign(document, JSON.parse(renamed))
    },
    /schema HealthStatus is missing/,
  ],
  [
    'another type of body',
    ({ paths }) => {
      const { content } = paths[documentPath].post.requestBody
      content['text/json'] = content['application/json']
      delete content['application/json']
    },
    /requestBody\/content\/application\/json: is missing/,
  ],
  [
    'another operation id',
    ({ paths }) => {
      paths[documentPath].get.operationId = 'readDocument'
    },
    /operationId: is "readDocument"/,
  ],
  [
    'a route that is not marked',
    ({ paths }) => delete paths['/ready'].get['x-extension'],
    /GET \/ready: is ours, and not marked/,
  ],
  ['a route that is missing', ({ paths }) => delete paths[documentPath], /POST .*: is missing/],
  [
    'a whole part that is missing',
    ({ paths }) => {
      delete paths['/']
      delete paths['/health']
    },
    /GET \/health: is missing/,
  ],
  [
    'a route without a key',
    ({ paths }) => {
      paths[documentPath].get.security = []
    },
    /GET .*\/security/,
  ],
  [
    'a header that is not marked',
    ({ components }) => delete components.headers.ETag['x-extension'],
    /headers/,
  ],
  [
    'another version',
    ({ info }) => {
      info.version = '1.7.0'
    },
    /version: is "1\.7\.0"/,
  ],
]

describe('the comparison reports', () => {
  for (const [what, breakIt, told] of controls) {
    test(what, () => {
      const document = ours()
      breakIt(document)
      // A name that is not there is told where schemas are counted.
      const missing = missingSchemas(published, document).map((name) => `schema ${name} is missing`)
      const found = allDifferences(compareInterfaces(published, document))
      const differences = [...found, ...missing]
      assert.match(differences.join('\n'), told)
    })
  }
})
