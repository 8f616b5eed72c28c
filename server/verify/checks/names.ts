/** What collections and documents may be called, and what not. */
import type { Check } from '../check.ts'
import { entriesOf, expectContent, expectSame, expectStatus } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '3 Targets and names:'

const illegal: readonly (readonly [clause: string, what: string, segment: string])[] = [
  ['no name is a dot or two', 'a dot', '%2e'],
  ['no name is a dot or two', 'two dots', '%2E%2e'],
  ['no name has a slash, escaped or not', 'an escaped slash', 'a%2Fb'],
  ['no name has a control character', 'a zero byte', 'a%00b'],
  ['no name has a control character', 'a line end', 'a%0Ab'],
  ['no name has a control character', 'U+0085', 'a%C2%85b'],
  ['no name has half of a surrogate pair', 'half of a surrogate pair', 'a%ED%A0%80b'],
  ['names between double underscores are ours', '__x__', '__x__'],
  ['names between double underscores are ours', 'four underscores', '____'],
]

const illegalRows: readonly Row[] = illegal.flatMap(([clause, what, segment]): Row[] => [
  {
    clause: `${section} ${clause}`,
    title: `${what} as the name of a document is 400`,
    send: `GET {own}/${segment}`,
    status: 400,
  },
  {
    clause: `${section} ${clause}`,
    title: `${what} as the name of a collection is 400`,
    send: `GET {home}/${segment}`,
    status: 400,
  },
])

const lengthClause = `${section} a collection name has 1 to 512 bytes, a document name 1 to 1500`

const lengths: readonly Check[] = [
  {
    operation: 'any request',
    level: 'contract',
    clause: lengthClause,
    title: 'names of 512 and 1500 bytes are taken, counted as UTF-8',
    async run({ ask, expand }) {
      const path = collectionOf(expand('{list}'), 512)
      const document = `${'%C3%A4'.repeat(700)}${'x'.repeat(100)}`
      const answered = await ask(`POST ${path}/${document}`, { body: { n: 1 } })
      expectStatus(answered, 200, 201)
      expectContent(await ask(`GET ${path}/${document}`), { n: 1 })
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: lengthClause,
    title: 'a collection name of 513 bytes is 400',
    async run({ ask, expand }) {
      const path = collectionOf(expand('{list}'), 513)
      expectStatus(await ask(`GET ${path}`), 400)
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: lengthClause,
    title: 'a document name of 1501 bytes is 400',
    async run({ ask }) {
      expectStatus(await ask(`GET {own}/${'%C3%A4'.repeat(750)}x`), 400)
    },
  },
]

/** A collection of this path, filled up to so many bytes of name. */
function collectionOf(path: string, bytes: number): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path + 'x'.repeat(bytes - name.length)
}

/** Each of them is legal, and some tool or database has taken it for something else. */
const oddNames = [
  'owner@alpha.test',
  'a.b.c',
  ' blank before, and behind ',
  '100%',
  '%41',
  '__x',
  'x__',
  '___',
  'constructor',
  '__proto',
  "it's",
  'say "so"',
  'back\\slash',
  '$where',
  '*',
  '...',
  'a;b=c',
  'a&b=c',
  '#1',
  'Zürich',
  'Zu\u0308rich',
  '日本語',
  'עברית',
  '👩‍🚀',
  '\u{1f600}',
  '\ufeff',
  'null',
  '0',
  '-1',
  '1e3',
]

const names: readonly Check[] = [
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} every other name is legal`,
    title: 'documents may have names of any script, with blanks, dots and signs',
    racing: true,
    async run({ ask }) {
      await Promise.all(
        oddNames.map(async (name, n) => {
          const path = `{list}/${encodeURIComponent(name)}`
          expectStatus(await ask(`POST ${path}`, { body: { n } }), 200, 201)
          expectContent(await ask(`GET ${path}`), { n })
        }),
      )
      const listed = await ask('GET {list}')
      const ids = entriesOf(listed).map(({ id }) => id)
      expectSame(listed, 'the set of ids', ids.toSorted(), oddNames.toSorted())
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} every other name is legal`,
    title: 'so may collections',
    async run({ ask }) {
      const path = '{list}%20%C3%BC@b.c%20%25%F0%9F%98%80'
      expectStatus(await ask(`POST ${path}/d`, { body: { n: 1 } }), 200, 201)
      const listed = await ask(`GET ${path}`)
      expectSame(
        listed,
        'ids',
        entriesOf(listed).map(({ id }) => id),
        ['d'],
      )
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} names are compared byte for byte`,
    title: 'case and composition of letters make other names',
    async run({ ask, given }) {
      await given('POST {doc}%C3%A9', { n: 1 })
      await given('POST {doc}u', { n: 2 })
      expectStatus(await ask('GET {doc}e%CC%81'), 404)
      expectStatus(await ask('GET {doc}U'), 404)
    },
  },
]

export const nameChecks: readonly Check[] = [
  ...checksOf('any request', 'contract', illegalRows),
  ...lengths,
  ...names,
]
