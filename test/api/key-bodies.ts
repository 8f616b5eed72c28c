/** Bodies by which no key is made, and none rotated. */

/** The longest overlap. */
export const weekSeconds = 604_800

/** Bodies of a creation that are refused with 400, and where. */
export const brokenRequests: readonly (readonly [
  what: string,
  body: object,
  reason: RegExp,
  at?: string,
])[] = [
  ['no label', { scopes: ['voc:*'] }, /label must be a text/, '/label'],
  ['a label that is null', { label: null, scopes: ['voc:*'] }, /must be a text/, '/label'],
  ['a label of 201 signs', { label: 'x'.repeat(201), scopes: ['voc:*'] }, /at most 200/],
  ['a label of two lines', { label: 'a\nb', scopes: ['voc:*'] }, /no.* control character/],
  ['no scopes', { label: 'l' }, /scopes must be an array/, '/scopes'],
  ['scopes in one text', { label: 'l', scopes: 'voc:*' }, /scopes must be an array/, '/scopes'],
  ['scopes in an object', { label: 'l', scopes: { 0: 'voc:*' } }, /must be an array/, '/scopes'],
  ['no scope at all', { label: 'l', scopes: [] }, /at least one scope/],
  ['a scope that is a number', { label: 'l', scopes: ['voc:*', 1] }, /a text/, '/scopes/1'],
  ...[
    'provisioning',
    'provisioning:',
    'provisioning:*.read',
    'provisioning:*.*',
    'provisioning:.read',
    'provisioning:a/b.read',
    'provisioning:__x__',
    'Provisioning:read',
    ' provisioning:read',
    'unknown:*',
    ':*',
    '*',
    '',
    'keys:users',
    'keys:users.read',
    'keys:',
  ].map(
    (scope) =>
      [
        `the scope ${JSON.stringify(scope)}`,
        { label: 'l', scopes: ['provisioning:read', scope] },
        /is no scope: /,
      ] as const,
  ),
  ['an end in the past', { label: 'l', scopes: ['voc:*'], expiresAt: 1 }, /in the past/],
  ['an end as a text', { label: 'l', scopes: ['voc:*'], expiresAt: '2100' }, /epoch/, '/expiresAt'],
  ['an end in fractions', { label: 'l', scopes: ['voc:*'], expiresAt: 1.5 }, /epoch/, '/expiresAt'],
  ['a member that is not known', { label: 'l', scopes: ['voc:*'], expires: 1 }, /"expires"/],
]

/** Bodies of a rotation that are refused with 400. */
export const brokenRotations: readonly (readonly [what: string, body: object])[] = [
  ['an overlap below zero', { overlapSeconds: -1 }],
  ['an overlap of over a week', { overlapSeconds: weekSeconds + 1 }],
  ['an overlap in fractions', { overlapSeconds: 0.5 }],
  ['an overlap as a text', { overlapSeconds: '60' }],
  ['an overlap that is null', { overlapSeconds: null }],
  ['a member that is not known', { overlap: 60 }],
]
