/**
 * What every operation must do, made from the list of operations: a new one is covered the moment
 * it is declared. Refusals of rights, of the method, of names, and of bodies where one is taken.
 */
import type { RefusalCode } from '../../server/contract/errors.ts'
import type { AnyOperation } from '../../server/operations.ts'
import { operations } from '../../server/operations.ts'
import type { Outgoing } from '../support/client.ts'
import type { CallerName, Scenario } from '../support/scenarios.ts'

const invalid = /^API key is not valid$/
const denied = /^API key does not allow this operation$/

/** Rights: each kind of caller who must be stopped before anything is looked up. */
export function rightsScenarios(): Scenario[] {
  return operations
    .filter(({ access }) => access !== 'public')
    .flatMap((operation) => {
      const { name, method } = operation
      const ask = (as: CallerName, title: string, refused: Scenario['refused']): Scenario => ({
        title: `${name} ${title}`,
        as,
        send: `${method} ${pathOf(operation)}`,
        operation: name,
        ...(refused === undefined ? { answers: { status: 200 } } : { refused }),
        ...(method === 'GET' ? {} : { body: {} }),
      })
      const strangers = [
        ask('nobody', 'asks for a key', ['Unauthenticated', /^Authorization header with Bearer/]),
        ask('garbled', 'refuses a mistyped key', ['Unauthenticated', invalid]),
        ask('unknown', 'refuses a key that no store has', ['Unauthenticated', invalid]),
        ask('forged', 'refuses a known id with another secret', ['Unauthenticated', invalid]),
        ask('expired', 'refuses an expired key', ['Unauthenticated', invalid]),
        ask('revoked', 'refuses a revoked key', ['Unauthenticated', invalid]),
      ]
      if (operation.access === 'anyKey') {
        return [...strangers, ask('reporter', 'answers a key of any scope', undefined)]
      }
      return [
        ...strangers,
        ask('rival', 'refuses the key of another tenant', ['PermissionDenied', denied]),
        ask('reporter', 'refuses a scope of another API', ['PermissionDenied', denied]),
        ask(lesserOf(operation), 'refuses a lesser scope', ['PermissionDenied', denied]),
      ]
    })
}

/** The method: every path refuses what it does not take, and says what it does. */
export function methodScenarios(): Scenario[] {
  const paths = new Map(operations.map((operation) => [operation.path, operation]))
  return [...paths.values()].flatMap((operation) => {
    const taken: readonly string[] = operations
      .filter(({ path }) => path === operation.path)
      .map(({ method }) => method)
    const untaken = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter(
      (method) => !taken.includes(method),
    )
    const allow = taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    const allowed = `${allow.join(', ')}, OPTIONS`
    const as = operation.access === 'public' ? 'nobody' : 'owner'
    return [
      ...untaken.map(
        (method): Scenario => ({
          title: `${operation.path} does not take ${method}`,
          as,
          send: `${method} ${pathOf(operation)}`,
          refused: ['MethodNotAllowed', new RegExp(`does not take .* it takes ${allowed}\\.`)],
        }),
      ),
      {
        title: `${operation.path} answers OPTIONS with what it takes`,
        as,
        send: `OPTIONS ${pathOf(operation)}`,
        answers: {
          status: 204,
          text: '',
          headers: { Allow: allowed, 'Cache-Control': 'no-store' },
        },
      },
    ]
  })
}

/** Names: every parameter of every path, with a name that is none. */
export function nameScenarios(): Scenario[] {
  const rules: readonly (readonly [sent: string, message: RegExp])[] = [
    ['..', /mean a folder/],
    ['%2E', /mean a folder/],
    ['a%2Fb', /slash/],
    ['a%00b', /control character/],
    ['%C2%85', /control character/],
    ['__x__', /reserved/],
    ['____', /reserved/],
    ['x'.repeat(1501), /bytes/],
  ]
  return operations.flatMap((operation) =>
    ['{collection}', '{docId}']
      .filter((parameter) => operation.path.includes(parameter))
      .flatMap((parameter) =>
        rules.map(
          ([sent, message]): Scenario => ({
            title: `${operation.name} refuses ${sent.slice(0, 20)} as ${parameter}`,
            as: 'owner',
            send: `${operation.method} ${pathOf(operation, { [parameter]: sent })}`,
            refused: ['BadRequest', message],
            ...(operation.takes === undefined ? {} : { body: {} }),
          }),
        ),
      ),
  )
}

/** Bodies: every operation that takes one, and every type of it, with each body that is none. */
export function bodyScenarios(): Scenario[] {
  return operations.flatMap((operation) =>
    bodiesOf(operation.takes).map(
      ([kind, [title, sent, refused]]): Scenario => ({
        title: `${operation.name} refuses a ${kind} ${title}`,
        as: 'owner',
        send: `${operation.method} ${pathOf(operation)}`,
        refused,
        ...sent,
      }),
    ),
  )
}

function bodiesOf(takes: AnyOperation['takes']): (readonly [kind: string, rule: BodyRule])[] {
  const as = (kind: string, rules: readonly BodyRule[]) =>
    rules.map((rule) => [kind, rule] as const)
  if (takes === undefined) return []
  const plain = as('body', bodyRules('application/json', false))
  if (takes === 'optionalJson') return plain
  if (takes === 'json') return [...plain, ['body', emptyBody]]
  return [
    ...as('merge patch', [...bodyRules(mergePatch, false), emptyBodyOf(mergePatch)]),
    ...as('JSON patch', [...bodyRules(jsonPatch, true), emptyBodyOf(jsonPatch)]),
    ...as('patch', [
      typed('of type application/json', {}, 'application/json'),
      typed('of both types', {}, `${mergePatch}, ${jsonPatch}`),
    ]),
  ]
}

const mergePatch = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'

type BodyRule = readonly [
  title: string,
  sent: Outgoing,
  refused: readonly [code: RefusalCode, message: RegExp],
]

/** Each kind of body that is none; JSON Patches are arrays, all else objects. */
function bodyRules(type: string, isList: boolean): readonly BodyRule[] {
  // Inside of an array the same text is one deeper, one member more, and two bytes longer.
  const inner = isList ? 1 : 0
  const wrap = (text: string) => (isList ? `[${text}]` : text)
  const at = isList ? '"/0/a/b"' : '"/a/b"'
  const rule = (
    title: string,
    body: string | Uint8Array,
    code: RefusalCode,
    message: RegExp,
  ): BodyRule => [title, { body, headers: { 'Content-Type': type } }, [code, message]]
  return [
    ['without a type', typedBody({}, undefined), ['UnsupportedMediaType', /there is none/]],
    typed('of type text/plain', {}, 'text/plain'),
    [
      'with a content coding',
      { body: wrap('{}'), headers: { 'Content-Type': type, 'Content-Encoding': 'gzip' } },
      ['UnsupportedMediaType', /"gzip"/],
    ],
    rule(
      'that is no JSON',
      wrap('{"a":1,}'),
      'BadRequest',
      new RegExp(`line 1, column ${8 + inner}`),
    ),
    rule(
      `that is an ${isList ? 'object' : 'array'}`,
      isList ? '{}' : '[]',
      'BadRequest',
      /must be a.* this is an (object|array)/,
    ),
    rule('with a key twice', wrap('{"a":{"b":1,"b":2}}'), 'BadRequest', new RegExp(`${at}.*twice`)),
    rule('with a huge integer', wrap('{"a":9007199254740993}'), 'BadRequest', /string/),
    rule('beyond a double', wrap('{"a":1e400}'), 'BadRequest', /range/),
    rule('with __proto__', wrap('{"__proto__":{}}'), 'BadRequest', /__proto__/),
    rule('nested too deep', wrap(nested(65 - inner)), 'BadRequest', /64 levels/),
    rule('with too many members', wrap(wide(20_001 - inner)), 'BadRequest', /20000/),
    rule('that is no UTF-8', Buffer.from(wrap('{"a":"\xff"}'), 'latin1'), 'BadRequest', /UTF-8/),
    rule('with a byte order mark', `\ufeff${wrap('{}')}`, 'BadRequest', /byte order mark/),
    rule('that is too large', wrap(large(1_048_577 - 2 * inner)), 'PayloadTooLarge', /1048576/),
  ]
}

function emptyBodyOf(type: string): BodyRule {
  const sent = { body: '', headers: { 'Content-Type': type } }
  return ['that is empty', sent, ['BadRequest', /empty/]]
}

const emptyBody = emptyBodyOf('application/json')

function typed(title: string, body: object, type: string): BodyRule {
  const quoted = type.replaceAll(/[+]/g, '\\$&')
  return [title, typedBody(body, type), ['UnsupportedMediaType', new RegExp(`"${quoted}"`)]]
}

function typedBody(body: object, type: string | undefined): Outgoing {
  return { body, headers: { 'Content-Type': type } }
}

/** A caller whose scopes come near to the operation's without reaching it. */
export function lesserOf({ method, path }: AnyOperation): CallerName {
  if (path.startsWith('/api/v1/keys/')) return method === 'GET' ? 'keyWriter' : 'keyReader'
  if (!path.includes('{collection}')) return 'users'
  return method === 'GET' ? 'userWriter' : 'userReader'
}

/** No key has this id: what every operation refuses comes before anyone looks for it. */
const unknownKeyId = 'Unknown0Key0'

function pathOf({ path }: AnyOperation, names: { readonly [name: string]: string } = {}): string {
  return path
    .replace('{tenantId}', '{tenant}')
    .replace('{collection}', names['{collection}'] ?? 'users')
    .replace('{docId}', names['{docId}'] ?? 'user-1')
    .replace('{keyId}', names['{keyId}'] ?? unknownKeyId)
}

function nested(depth: number): string {
  return '{"a":'.repeat(depth) + '1'.padEnd(depth + 1, '}')
}

function wide(count: number): string {
  return `{"a":[${Array.from({ length: count - 1 }, () => 0).join(',')}]}`
}

function large(size: number): string {
  return `{"a":"${'x'.repeat(size - 8)}"}`
}
