/** Keys as the interface document shows them: a key is made, looked at, rotated and ended. */
import type { Example } from '../contract/example.ts'
import { exampleTenant } from '../contract/example.ts'

/** Of the key that asks. */
const asking = 'WOOgukfMNUDZ'
const made = 'q7Jw0ZkT3xHb'
const next = 'Zr51nDyCq8Lm'

const secret = '2Vb8sKq0XcRt4WmYh6Nz1Pf9Gd3Jk7La5UeT'
const label = 'nightly export'
const scopes = ['provisioning:read']

export const identityExamples: readonly Example[] = [
  {
    operation: 'getWhoami',
    title: 'The key that asks',
    status: 200,
    answer: {
      id: asking,
      label: 'alpha, everything',
      tenant: exampleTenant,
      scopes: ['provisioning:*', 'keys:*'],
      expiresAt: null,
    },
  },
  {
    operation: 'listKeys',
    title: 'One key',
    status: 200,
    answer: [
      {
        id: asking,
        data: {
          label: 'alpha, everything',
          scopes: ['provisioning:*', 'keys:*'],
          created: 1800000000000,
          createdBy: 'cli:ana',
          expiresAt: null,
          lastUsed: null,
          revoked: null,
        },
      },
    ],
  },
  {
    operation: 'createKey',
    title: 'A key that reads',
    body: { label, scopes, expiresAt: 1900000000000 },
    status: 201,
    answer: {
      id: made,
      key: `tnk_${made}${secret}k2ZQ0d`,
      label,
      scopes,
      expiresAt: 1900000000000,
    },
  },
  {
    operation: 'rotateKey',
    title: 'With an hour to change over',
    path: { keyId: made },
    body: { overlapSeconds: 3600 },
    status: 201,
    answer: { id: next, key: `tnk_${next}${secret}0hT7vB` },
  },
  {
    operation: 'revokeKey',
    title: 'The key that was made last',
    path: { keyId: next },
    status: 204,
  },
]
