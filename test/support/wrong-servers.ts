/** Servers that are wrong in one thing each, and the clauses that they break by it. */
import {
  believer,
  eachDocument,
  isDocument,
  isList,
  isLive,
  isObject,
  isWrite,
  onlyOk,
  packed,
  parsed,
  rewrite,
  withArraysMerged,
} from './reply-changes.ts'
import type { Passing, Wrong } from './wrong-server.ts'
import { get, set, without } from './wrong-server.ts'

export type WrongRow = Wrong & {
  /** What it does, as somebody may have thought right. */
  readonly title: string
  /** All clauses of which a check fails, and no others. */
  readonly breaks: readonly string[]
}

export const wrongRows: readonly WrongRow[] = [
  {
    title: 'a PUT replaces',
    async enter(passing, ask) {
      if (passing.method !== 'PUT' || !isObject(parsed(passing.body))) return undefined
      if (get(passing.headers, 'Authorization') === undefined) return undefined
      const target = passing.target
      const there = await ask({ method: 'GET', target, headers: bare(passing), body: undefined })
      if (there.status !== 200) return undefined
      passing.method = 'POST'
      return undefined
    },
    breaks: [
      '4 Bodies: the outcome keeps the limit of size: 413',
      '4 Bodies: the outcome keeps the other limits: 400',
      '5 Documents: PUT merges, at every depth',
      '5 Documents: a document has GET, POST and PUT',
      '5 Documents: a dot in a key is part of it',
      '5 Documents: its live version has the same, as a document of its own',
      '5 Documents: two PUTs at once both take effect',
      '5 Documents: {} changes no member',
      '5 The live version: PUT merges into it',
    ],
  },
  {
    title: 'stamps are missing',
    leave: onlyOk((reply) => {
      rewrite(reply, (value) =>
        eachDocument(value, (document) => {
          const { versions } = document
          const current = isObject(versions) && isObject(versions.current) ? versions.current : {}
          for (const each of [document, current]) {
            delete each.updated
            delete each.updatedBy
          }
        }),
      )
    }),
    breaks: [
      '5 Documents: a write stamps what it writes with time and writer',
      '5 Documents: the writer is the id of the key',
      '5 The live version: and makes a missing base, empty and stamped',
    ],
  },
  {
    title: 'stamps are what the client sent',
    ...believer(),
    breaks: ['5 Documents: stamps that a client sends at the top are ignored'],
  },
  {
    title: 'a POST that makes a document is 200',
    leave: (reply) => {
      if (reply.status === 201) reply.status = 200
    },
    breaks: [
      '5 Documents: POST of what was not there is 201',
      '5 The live version: POST is 201 where there was none',
    ],
  },
  {
    title: 'Location is missing',
    leave: (reply) => without(reply.headers, 'Location'),
    breaks: ['5 Documents: with Location, percent-encoded'],
  },
  {
    title: 'a PUT drops null',
    enter(passing) {
      const body = parsed(passing.body)
      if (passing.method !== 'PUT' || !isObject(body)) return undefined
      const drop = (value: unknown): unknown =>
        isObject(value)
          ? Object.fromEntries(
              Object.entries(value)
                .filter(([, each]) => each !== null)
                .map(([name, each]) => [name, drop(each)]),
            )
          : value
      if (!passing.body?.includes('null')) return undefined
      passing.body = packed(drop(body))
      set(passing.headers, 'Content-Length', String(passing.body.length))
      return undefined
    },
    breaks: ['5 Documents: null is stored', '5 The live version: current that is no object is 400'],
  },
  {
    title: 'a list is in the order of letters',
    leave: onlyOk((reply, passing) => {
      if (!isList(passing) || passing.method !== 'GET') return
      rewrite(reply, (value) =>
        (value as { id: string }[]).toSorted((one, other) => one.id.localeCompare(other.id, 'en')),
      )
    }),
    breaks: ['5 Documents: by id, bytewise'],
  },
  {
    title: 'a list is cut after 50',
    leave: onlyOk((reply, passing) => {
      if (isList(passing) && passing.method === 'GET') {
        rewrite(reply, (value) => (value as unknown[]).slice(0, 50))
      }
    }),
    breaks: ['5 Documents: it is never cut'],
  },
  {
    title: 'a list stands in an object',
    leave: onlyOk((reply, passing) => {
      if (isList(passing) && passing.method === 'GET') rewrite(reply, (value) => ({ items: value }))
    }),
    breaks: [
      '5 Documents: a list is a bare array of id and data',
      '5 Documents: an unknown collection is []',
    ],
  },
  {
    title: 'a base does not show its live version',
    leave: onlyOk((reply, passing) => {
      if (isLive(passing)) return
      rewrite(reply, (value) =>
        eachDocument(value, (document) => {
          if (!isObject(document.versions) || !isObject(document.versions.current)) return
          delete document.versions.current
          if (Object.keys(document.versions).length === 0) delete document.versions
        }),
      )
    }),
    breaks: [
      '4 Bodies: and a live version that was not mentioned',
      '5 The live version: GET of the base shows it',
      '5 The live version: and makes a missing base, empty and stamped',
      '5 The live version: other members of versions stay data',
      '5 The live version: so does the entry of a list',
    ],
  },
  {
    title: 'a POST leaves old members',
    async enter(passing, ask) {
      const body = parsed(passing.body)
      if (passing.method !== 'POST' || !isDocument(passing) || !isObject(body)) return undefined
      const old = await ask({ ...passing, method: 'GET', headers: bare(passing), body: undefined })
      if (old.status !== 200) return undefined
      const { versions: _, ...kept } = JSON.parse(old.body)
      passing.body = packed({ ...kept, ...body })
      set(passing.headers, 'Content-Length', String(passing.body.length))
      return undefined
    },
    breaks: ['5 Documents: and nothing of the old is left'],
  },
  {
    title: 'a POST of the base takes the live version away',
    async enter(passing, ask) {
      if (passing.method !== 'POST' || !isDocument(passing)) return undefined
      if (!isObject(parsed(passing.body)) || passing.body?.includes('"versions"')) return undefined
      const target = `${passing.target}/versions/current`
      await ask({ method: 'DELETE', target, headers: bare(passing), body: undefined })
      return undefined
    },
    breaks: [
      '4 Bodies: and a live version that was not mentioned',
      '5 The live version: a base write that does not mention it leaves it alone',
    ],
  },
  {
    title: 'ETags are weak',
    leave(reply) {
      const etag = get(reply.headers, 'ETag')
      if (etag !== undefined) set(reply.headers, 'ETag', `W/${etag}`)
    },
    breaks: [
      '5 Documents: W/ in If-Match is ignored',
      '5 Documents: a document answer has a strong ETag of revision and content',
    ],
  },
  {
    title: 'If-Match is ignored',
    enter(passing) {
      without(passing.headers, 'If-Match')
      return undefined
    },
    breaks: [
      '5 Documents: If-Match works on reads',
      '5 Documents: POST with If-Match on what is missing is 412',
      '5 Documents: a condition that does not parse is 400',
      '5 Documents: a failed condition is 412',
      '5 Documents: and changes nothing',
    ],
  },
  {
    title: 'nothing is ever 304',
    enter(passing) {
      if (passing.method === 'GET' || passing.method === 'HEAD') {
        without(passing.headers, 'If-None-Match')
      }
      return undefined
    },
    breaks: [
      '5 Documents: a condition that does not parse is 400',
      '5 Documents: conditional GET is 304',
    ],
  },
  {
    title: 'errors have another shape',
    leave(reply, { method }) {
      if (reply.status < 400 || method === 'HEAD') return
      rewrite(reply, (value) => ({ error: (value as { message: unknown }).message }))
    },
    breaks: ['6 Errors: a body of code and message, on every failure'],
  },
  {
    title: 'another tenant is 404',
    leave(reply) {
      if (reply.status !== 403) return
      reply.status = 404
      reply.body = '{"code":"NotFound","message":"There is no such tenant."}'
    },
    breaks: [
      '2 Keys and scopes: a key belongs to one tenant',
      '2 Keys and scopes: a malformed tenant is 403 as well',
      '2 Keys and scopes: a missing scope is 403 in the same words',
      '2 Keys and scopes: another tenant is 403, compared byte for byte',
      '2 Keys and scopes: anything else is a write',
      '2 Keys and scopes: order: the scope comes before the route',
      '2 Keys and scopes: order: the tenant comes before names',
      '2 Keys and scopes: who has no rights learns nothing',
    ],
  },
  {
    title: 'a key in the query is not taken',
    enter(passing) {
      passing.target = passing.target.replace(/[?&]bearer_token=[^&]*/g, '')
      return undefined
    },
    breaks: [
      '2 Keys and scopes: an Authorization of another scheme is no key',
      '2 Keys and scopes: the query parameter bearer_token carries one as well',
      '2 Keys and scopes: two Bearer credentials are 400',
    ],
  },
  {
    title: 'the scheme of a key is compared by its letters',
    enter(passing) {
      const sent = get(passing.headers, 'Authorization')
      if (sent !== undefined && /^bearer /i.test(sent) && !sent.startsWith('Bearer ')) {
        without(passing.headers, 'Authorization')
      }
      return undefined
    },
    breaks: ['2 Keys and scopes: the header carries a key, its scheme in any case'],
  },
  {
    title: 'names are decoded twice',
    enter(passing) {
      try {
        const decoded = decodeURIComponent(passing.target)
        if (/%25/.test(passing.target)) passing.target = encodeURI(decodeURI(decoded))
      } catch {
        // What cannot be decoded twice is left to the real server.
      }
      return undefined
    },
    breaks: [
      '3 Targets and names: each segment is decoded once',
      '3 Targets and names: every other name is legal',
    ],
  },
  {
    title: 'bodies are read by JSON.parse',
    enter(passing) {
      const body = parsed(passing.body)
      if (!isWrite(passing) || !isObject(body)) return undefined
      if (Object.keys(body).length === 0 || passing.body === undefined) return undefined
      if (
        passing.body.length > 10_000 ||
        !/json$/.test(get(passing.headers, 'Content-Type') ?? '')
      ) {
        return undefined
      }
      passing.body = packed(body)
      set(passing.headers, 'Content-Length', String(passing.body.length))
      return undefined
    },
    breaks: [
      '4 Bodies: UTF-8 is strict',
      '4 Bodies: an integer that a double cannot hold is refused',
      '4 Bodies: no key comes twice in one object',
      '4 Bodies: so is a value beyond its range',
    ],
  },
  {
    title: 'a PUT merges arrays of equal length, element by element',
    async enter(passing, ask) {
      const body = parsed(passing.body)
      if (passing.method !== 'PUT' || !isObject(body)) return undefined
      if (!Object.values(body).some(Array.isArray)) return undefined
      const former = await ask({ ...passing, method: 'GET', headers: bare(passing), body: '' })
      if (former.status !== 200) return undefined
      passing.body = packed(withArraysMerged(body, JSON.parse(former.body)))
      set(passing.headers, 'Content-Length', String(passing.body.length))
      return undefined
    },
    breaks: ['5 Documents: arrays and scalars are replaced whole'],
  },
  {
    title: 'a PUT makes what is missing',
    async enter(passing, ask) {
      if (passing.method !== 'PUT' || !isObject(parsed(passing.body))) return undefined
      if (get(passing.headers, 'Content-Type') !== 'application/json') return undefined
      if (get(passing.headers, 'If-Match') !== undefined) return undefined
      const there = await ask({ ...passing, body: '{}', headers: [...bare(passing), ...json] })
      if (there.status === 404) passing.method = 'POST'
      return undefined
    },
    breaks: ['5 Documents: PUT of what is missing is 404', '5 The live version: so is PUT'],
  },
  {
    title: 'no answer has a request id',
    leave: (reply) => without(reply.headers, 'X-Request-Id'),
    breaks: [
      '6 Errors: every answer carries a request id',
      "6 Errors: it is the client's, if that is one",
    ],
  },
  {
    title: '405 does not say what is allowed',
    leave(reply) {
      if (reply.status === 405) without(reply.headers, 'Allow')
    },
    breaks: [
      '3 Targets and names: another method on a known path is 405, with Allow',
      '6 Errors: with Allow',
    ],
  },
  {
    title: '405 is text',
    leave(reply) {
      if (reply.status === 405) set(reply.headers, 'Content-Type', 'text/plain')
    },
    breaks: ['6 Errors: as application/json'],
  },
  {
    title: 'answers may be stored by anyone',
    leave: (reply) => set(reply.headers, 'Cache-Control', 'public, max-age=60'),
    breaks: [
      '5 Documents: all else under a key is no-store',
      '5 Documents: so is all with a key in the query',
      '5 Documents: what has an ETag is private, no-cache, and varies by key',
    ],
  },
]

const json = ['Content-Type', 'application/json', 'Content-Length', '2']

/** The headers without which no request goes through. */
function bare({ headers }: Passing): string[] {
  const authorization = get(headers, 'Authorization')
  const key = authorization === undefined ? [] : ['Authorization', authorization]
  return ['Host', '127.0.0.1', ...key]
}
