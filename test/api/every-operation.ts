/**
 * What every operation must do, made from the list of operations: a new one is covered the moment
 * it is declared. Refusals of rights, of the method, of names, and of bodies where one is taken.
 */
import type { AnyOperation } from '../../server/operations.ts'
import { operations } from '../../server/operations.ts'
import type { CallerName, Scenario } from '../support/scenarios.ts'

const invalid = /^API key is not valid$/
const denied = /^API key does not allow this operation$/

/** Rights: each kind of caller who must be stopped before anything is looked up. */
export function rightsScenarios(): Scenario[] {
  return operations
    .filter(({ access }) => access === 'scope')
    .flatMap((operation) => {
      const { name, method } = operation
      const ask = (as: CallerName, title: string, refused: Scenario['refused']): Scenario => ({
        title: `${name} ${title}`,
        as,
        send: `${method} ${pathOf(operation)}`,
        operation: name,
        ...(refused === undefined ? {} : { refused }),
        ...(method === 'GET' ? {} : { body: {} }),
      })
      return [
        ask('nobody', 'asks for a key', ['Unauthenticated', /^Authorization header with Bearer/]),
        ask('garbled', 'refuses a mistyped key', ['Unauthenticated', invalid]),
        ask('unknown', 'refuses a key that no store has', ['Unauthenticated', invalid]),
        ask('forged', 'refuses a known id with another secret', ['Unauthenticated', invalid]),
        ask('expired', 'refuses an expired key', ['Unauthenticated', invalid]),
        ask('revoked', 'refuses a revoked key', ['Unauthenticated', invalid]),
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
    const taken = operations.filter(({ path }) => path === operation.path)
    const untaken = ['POST', 'PUT', 'PROPFIND'].filter(
      (method) => !taken.some((each) => each.method === method),
    )
    const as = operation.access === 'public' ? 'nobody' : 'owner'
    return [
      ...untaken.map(
        (method): Scenario => ({
          title: `${operation.path} does not take ${method}`,
          as,
          send: `${method} ${pathOf(operation)}`,
          refused: ['MethodNotAllowed', /does not take .* it takes GET, HEAD/],
        }),
      ),
      {
        title: `${operation.path} answers OPTIONS with what it takes`,
        as,
        send: `OPTIONS ${pathOf(operation)}`,
        answers: { status: 204, text: '', headers: { Allow: /GET, HEAD.*OPTIONS/ } },
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
            ...(operation.input === 'none' ? {} : { body: {} }),
          }),
        ),
      ),
  )
}

/** Bodies: every operation that takes one, with each kind of body that is none. */
export function bodyScenarios(): Scenario[] {
  const rules: readonly (readonly [
    title: string,
    sent: Pick<Scenario, 'body' | 'headers'>,
    refused: NonNullable<Scenario['refused']>,
  ])[] = [
    ['without a type', plain({}, undefined), ['UnsupportedMediaType', /there is none/]],
    ['of type text/plain', plain({}, 'text/plain'), ['UnsupportedMediaType', /"text\/plain"/]],
    [
      'with a content coding',
      { body: {}, headers: { 'Content-Encoding': 'gzip' } },
      ['UnsupportedMediaType', /"gzip"/],
    ],
    ['that is empty', { body: '' }, ['BadRequest', /empty/]],
    ['that is no JSON', { body: '{"a":1,}' }, ['BadRequest', /line 1, column 8/]],
    ['that is an array', { body: '[]' }, ['BadRequest', /an array/]],
    ['with a key twice', { body: '{"a":{"b":1,"b":2}}' }, ['BadRequest', /"\/a\/b".*twice/]],
    ['with a huge integer', { body: '{"a":9007199254740993}' }, ['BadRequest', /string/]],
    ['beyond a double', { body: '{"a":1e400}' }, ['BadRequest', /range/]],
    ['with __proto__', { body: '{"__proto__":{}}' }, ['BadRequest', /__proto__/]],
    ['nested too deep', { body: nested(65) }, ['BadRequest', /64 levels/]],
    ['with too many members', { body: wide(20_001) }, ['BadRequest', /20000/]],
    ['that is no UTF-8', { body: Buffer.from('{"a":"\xff"}', 'latin1') }, ['BadRequest', /UTF-8/]],
    ['with a byte order mark', { body: '\ufeff{}' }, ['BadRequest', /byte order mark/]],
    ['that is too large', { body: large(1_048_577) }, ['PayloadTooLarge', /1048576/]],
  ]
  return operations
    .filter(({ input }) => input !== 'none')
    .flatMap((operation) =>
      rules.map(
        ([title, sent, refused]): Scenario => ({
          title: `${operation.name} refuses a body ${title}`,
          as: 'owner',
          send: `${operation.method} ${pathOf(operation)}`,
          refused,
          ...sent,
        }),
      ),
    )
}

/** A caller whose scopes come near to the operation's without reaching it. */
export function lesserOf({ method, path }: AnyOperation): CallerName {
  if (!path.includes('{collection}')) return 'users'
  return method === 'GET' ? 'userWriter' : 'userReader'
}

function pathOf({ path }: AnyOperation, names: { readonly [name: string]: string } = {}): string {
  return path
    .replace('{tenantId}', '{tenant}')
    .replace('{collection}', names['{collection}'] ?? 'users')
    .replace('{docId}', names['{docId}'] ?? 'user-1')
}

function plain(body: object, type: string | undefined): Pick<Scenario, 'body' | 'headers'> {
  return { body, headers: { 'Content-Type': type } }
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
