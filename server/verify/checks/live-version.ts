/** The live version: a document of its own, shown in its base, and written through either. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import { entriesOf, expectSame, expectStatus, isObject, objectOf, unmet } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'
import { numberOf, stampsOf } from './documents.ts'

const section = '5 The live version:'
const live = '{doc}/versions/current'

const gets: readonly Row[] = [
  {
    clause: '5 Documents: its live version has the same, as a document of its own',
    title: 'a live version is read by itself',
    level: 'published',
    given: [[`POST ${live}`, { x: 1 }]],
    send: `GET ${live}`,
    status: 200,
    content: { x: 1 },
  },
  {
    clause: `${section} GET without a live version is 404`,
    title: 'a document without a live version has none to read',
    level: 'published',
    given: [['POST {doc}', { a: 1 }]],
    send: `GET ${live}`,
    status: 404,
  },
  {
    clause: `${section} GET without a live version is 404`,
    title: 'a document that is not there has none to read',
    level: 'published',
    send: `GET ${live}`,
    status: 404,
  },
]

const posts: readonly Row[] = [
  {
    clause: `${section} POST is 201 where there was none`,
    title: 'a POST that makes a live version is 201',
    level: 'published',
    given: [['POST {doc}', { a: 1 }]],
    send: `POST ${live}`,
    body: { x: 1 },
    status: 201,
  },
  {
    clause: '5 Documents: POST of what was there is 200',
    title: 'a POST that replaces a live version is 200',
    level: 'published',
    given: [[`POST ${live}`, { x: 1 }]],
    send: `POST ${live}`,
    body: { y: 2 },
    status: 200,
  },
  {
    clause: '5 Documents: and nothing of the old is left',
    title: 'a second POST leaves nothing of the live version that was there',
    level: 'published',
    given: [[`POST ${live}`, { x: 1, y: { z: 2 } }]],
    send: `POST ${live}`,
    body: { y: { w: 3 } },
    status: [200, 201],
    leaves: { [live]: { y: { w: 3 } } },
  },
  {
    clause: `${section} versions inside it are ordinary data`,
    title: 'versions inside of a live version are data',
    given: [[`POST ${live}`, { versions: { current: 'data' } }]],
    send: `GET ${live}`,
    status: 200,
    content: { versions: { current: 'data' } },
  },
]

const puts: readonly Row[] = [
  {
    clause: '5 Documents: its live version has the same, as a document of its own',
    title: 'a PUT keeps the members of a live version that it does not mention',
    level: 'published',
    given: [[`POST ${live}`, { x: 1, y: 2 }]],
    send: `PUT ${live}`,
    body: { y: 3 },
    status: 200,
    leaves: { [live]: { x: 1, y: 3 } },
  },
  {
    clause: '5 Documents: PUT merges, at every depth',
    title: 'a PUT merges a live version at every depth',
    given: [[`POST ${live}`, { x: { y: { z: 1 } } }]],
    send: `PUT ${live}`,
    body: { x: { y: { w: 2 } } },
    status: 200,
    leaves: { [live]: { x: { y: { z: 1, w: 2 } } } },
  },
  {
    clause: `${section} so is PUT`,
    title: 'a PUT where there is no live version is 404 and makes none',
    level: 'published',
    given: [['POST {doc}', { a: 1 }]],
    send: `PUT ${live}`,
    body: { x: 1 },
    status: 404,
    leaves: { [live]: 404 },
  },
]

const through: readonly Row[] = [
  {
    clause: `${section} a base body with versions.current writes both, in one transaction`,
    title: 'a POST of the base with versions.current writes both documents',
    given: [['POST {doc}', { a: 1, versions: { current: { x: 1 } } }]],
    send: `GET ${live}`,
    status: 200,
    content: { x: 1 },
    operation: 'POST {docId}',
  },
  {
    clause: `${section} POST replaces the live version`,
    title: 'a POST of the base replaces the live version that it mentions',
    given: [['POST {doc}', { versions: { current: { x: 1, y: 2 } } }]],
    send: 'POST {doc}',
    body: { versions: { current: { z: 3 } } },
    status: [200, 201],
    leaves: { [live]: { z: 3 } },
    operation: 'POST {docId}',
  },
  {
    clause: `${section} PUT merges into it`,
    title: 'a PUT of the base merges into the live version that it mentions',
    given: [
      ['POST {doc}', { a: 1 }],
      [`POST ${live}`, { x: { y: 1 }, v: 0 }],
    ],
    send: 'PUT {doc}',
    body: { versions: { current: { v: 2 } } },
    status: 200,
    leaves: { [live]: { x: { y: 1 }, v: 2 } },
  },
  {
    clause: `${section} PUT makes it where it is absent, 200 for the base`,
    title: 'a PUT of the base makes a live version where there is none, and is 200',
    given: [['POST {doc}', { a: 1 }]],
    send: 'PUT {doc}',
    body: { versions: { current: { x: 1 } } },
    status: 200,
    leaves: { [live]: { x: 1 } },
  },
  ...(['POST', 'PUT'] as const).flatMap((method): Row[] =>
    [[], 'text', null, 1].map((current) => ({
      clause: `${section} current that is no object is 400`,
      title: `versions.current of ${JSON.stringify(current)} is 400`,
      operation: `${method} {docId}` as const,
      given: [['POST {doc}', { a: 1 }]],
      send: `${method} {doc}`,
      body: { versions: { current } },
      status: 400,
      leaves: { '{doc}': { a: 1 } },
    })),
  ),
  {
    clause: `${section} versions that is no object is data without a live version`,
    title: 'versions of a text is data while there is no live version',
    operation: 'POST {docId}',
    given: [['POST {doc}', { versions: 'none' }]],
    send: 'GET {doc}',
    status: 200,
    content: { versions: 'none' },
  },
  {
    clause: `${section} where it would meet one it is 400`,
    title: 'versions of a text beside a live version is 400',
    given: [[`POST ${live}`, { x: 1 }]],
    send: 'PUT {doc}',
    body: { versions: 'none' },
    status: 400,
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: `${section} a base write that does not mention it leaves it alone`,
    title: 'a POST of the base that does not mention the live version leaves it alone',
    operation: 'POST {docId}',
    given: [
      ['POST {doc}', { a: 1 }],
      [`POST ${live}`, { x: 1 }],
    ],
    send: 'POST {doc}',
    body: { b: 2 },
    status: [200, 201],
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: `${section} a base write that does not mention it leaves it alone`,
    title: 'a PUT of the base that does not mention the live version leaves it alone',
    given: [
      ['POST {doc}', { a: 1 }],
      [`POST ${live}`, { x: 1 }],
    ],
    send: 'PUT {doc}',
    body: { b: 2 },
    status: 200,
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: '4 Bodies: and a live version that was not mentioned',
    title: 'after a POST that does not mention it, GET shows the live version beside what was sent',
    operation: 'POST {docId}',
    given: [
      [`POST ${live}`, { x: 1 }],
      ['POST {doc}', { b: 2 }],
    ],
    send: 'GET {doc}',
    status: 200,
    content: { b: 2, versions: { current: { x: 1 } } },
  },
  {
    clause: `${section} other members of versions stay data`,
    title: 'other members of versions stay data of the base',
    operation: 'POST {docId}',
    given: [['POST {doc}', { versions: { note: 'kept', current: { x: 1 } } }]],
    send: 'GET {doc}',
    status: 200,
    content: { versions: { note: 'kept', current: { x: 1 } } },
  },
  {
    clause: `${section} and makes a missing base, empty and stamped`,
    title: 'a POST of a live version makes a missing base, empty but for it',
    operation: 'POST versions/current',
    given: [[`POST ${live}`, { x: 1 }]],
    send: 'GET {doc}',
    status: 200,
    content: { versions: { current: { x: 1 } } },
  },
]

const shows: readonly Check[] = [
  {
    operation: 'GET {docId}',
    level: 'contract',
    clause: `${section} GET of the base shows it`,
    title: 'GET of the base shows the live version under versions.current',
    async run({ ask, given }) {
      await given('POST {doc}', { a: 1 })
      await given(`POST ${live}`, { x: 1 })
      const base = await ask('GET {doc}')
      if (!isObject(currentOf(base.json))) unmet(base, 'versions.current', base.text)
    },
  },
  {
    operation: 'GET {docId}',
    level: 'contract',
    clause: `${section} exactly as GET of it does`,
    title: 'what it shows there is what GET of the live version shows, stamps too',
    async run({ ask, given }) {
      await given('POST {doc}', { a: 1 })
      await given(`POST ${live}`, { x: 1 })
      await given('PUT {doc}', { b: 1 })
      const [base, alone] = [await ask('GET {doc}'), await ask(`GET ${live}`)]
      const current = currentOf(base.json)
      if (current === undefined) throw new NotAsked('GET of the base does not show it')
      expectSame(base, 'versions.current', current, alone.json)
    },
  },
  {
    operation: 'GET {collection}',
    level: 'contract',
    clause: `${section} so does the entry of a list`,
    title: 'the entry of a list shows the live version under versions.current',
    async run({ ask, given }) {
      await given('POST {list}/a/versions/current', { x: 1 })
      const answered = await ask('GET {list}')
      const current = currentOf(entriesOf(answered)[0]?.data)
      if (!isObject(current) || current.x !== 1) {
        unmet(answered, 'versions.current in data', answered.text)
      }
    },
  },
  {
    operation: 'POST versions/current',
    level: 'contract',
    clause: `${section} and makes a missing base, empty and stamped`,
    title: 'the base that it makes is stamped',
    async run({ ask, given }) {
      await given(`POST ${live}`, { x: 1 })
      const base = await ask('GET {doc}')
      expectStatus(base, 200)
      const { updated } = objectOf(base)
      if (typeof updated !== 'number') unmet(base, 'a time in updated', base.text)
    },
  },
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: '5 Documents: two documents written together carry one time',
    title: 'base and live version that are written together carry one time',
    async run({ ask, given }) {
      await given('POST {doc}', { a: 1, versions: { current: { x: 1 } } })
      const [base, alone] = [await ask('GET {doc}'), await ask(`GET ${live}`)]
      expectStatus(alone, 200)
      const updated = numberOf(objectOf(base).updated)
      expectSame(alone, 'updated', objectOf(alone).updated, updated)
    },
  },
  ...(
    [
      ['POST versions/current', `POST ${live}`, '{doc}', 'the base'],
      ['PUT {docId}', 'PUT {doc}', live, 'the live version'],
    ] as const
  ).map(
    ([operation, write, other, what]): Check => ({
      operation,
      level: 'contract',
      clause: '5 Documents: it stamps nothing else',
      title: `it leaves the stamps of ${what} alone`,
      racing: true,
      async run({ ask, given }) {
        await given('POST {doc}', { a: 1, versions: { current: { x: 1 } } })
        const read = await ask(`GET ${other}`)
        expectStatus(read, 200)
        const before = stampsOf(objectOf(read))
        const first = numberOf(before.updated)
        for (let n = 0; n < 100; n++) {
          const { updated } = objectOf(await given(write, { n }))
          if (numberOf(updated) > first) {
            const left = await ask(`GET ${other}`)
            expectSame(left, 'stamps', stampsOf(objectOf(left)), before)
            return
          }
        }
        throw new NotAsked('the clock of the server stood still over a hundred writes')
      },
    }),
  ),
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: `${section} current is taken out of the base`,
    title: 'stamps that a body says of versions.current are ignored too',
    async run({ ask, given }) {
      await given('POST {doc}', { versions: { current: { x: 1, updated: 1, updatedBy: 'me' } } })
      const alone = await ask(`GET ${live}`)
      expectStatus(alone, 200)
      const { updated, updatedBy } = objectOf(alone)
      if (updated === 1 || updatedBy === 'me') unmet(alone, 'stamps of the server', alone.text)
    },
  },
]

function currentOf(document: unknown): unknown {
  const versions = isObject(document) ? document.versions : undefined
  return isObject(versions) ? versions.current : undefined
}

export const liveVersionChecks: readonly Check[] = [
  ...checksOf('GET versions/current', 'contract', gets),
  ...checksOf('POST versions/current', 'contract', posts),
  ...checksOf('PUT versions/current', 'contract', puts),
  ...checksOf('PUT {docId}', 'contract', through),
  ...shows,
]
