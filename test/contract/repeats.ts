/** Requests that come again, by their Idempotency-Key. */
import type { Clause } from './clause.ts'

export const repeats: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: 'an Idempotency-Key has 1 to 255 visible ASCII characters',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: "const broken = ['', ' ', 'a b', 'x'.repeat(256)",
      },
      {
        file: 'test/api/repeats.ts',
        title: 'keys are compared byte for byte, and may have 255 signs',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is of the key that sends it',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'the same key of another caller is another key' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is kept for 24 hours',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'an answer is kept for 24 hours and no longer' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'on POST, PUT, PATCH and DELETE',
    heldBy: [{ file: 'test/api/repeats.ts', title: 'is answered as before, and writes nothing' }],
  },
  {
    section: '5 Documents',
    clause: 'it is looked at after rights and body',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: 'rights and the body are judged before the key is looked at',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'before existence and conditions',
    heldBy: [
      {
        file: 'test/api/repeats.ts',
        title: 'a condition that held the first time is not asked again',
      },
      {
        file: 'server/storage/conformance/document-repeats.ts',
        title: 'a repeated delete does not take what was made since',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the same request is one of equal method, target and bytes',
    heldBy: [
      {
        file: 'server/http/idempotency.test.ts',
        title: 'over any two targets and bodies, fingerprints are equal when both are',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it gets the first status, body, ETag and Location',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'assert.deepEqual(essence(again), essence(first))' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and is marked as replayed',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'assert.ok(isReplay(again))' },
      {
        file: 'test/support/repeats.ts',
        title: "assert.ok(mark === undefined || mark === 'true')",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'any other request under it is 422',
    heldBy: [{ file: 'test/api/repeats-refused.ts', title: 'is refused, and nothing is written' }],
  },
  {
    section: '5 Documents',
    clause: 'only 2xx are kept',
    heldBy: [
      { file: 'test/api/repeats-refused.ts', title: 'a refusal with … of … is not kept' },
      {
        file: 'server/storage/conformance/document-repeats.ts',
        title: 'a refused write keeps nothing of its key',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'in the transaction of the write, so that a crash frees it',
    heldBy: [
      {
        file: 'test/system/repeats.test.ts',
        title: 'requests that a kill cut off are each done once when they come again',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a refusal frees it',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: 'what was refused is done when it comes again and fits',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a fault frees it',
    heldBy: [{ file: 'test/api/repeats.ts', title: 'a fault frees the key' }],
  },
  {
    section: '5 Documents',
    clause: 'while the first runs it is 409 with Retry-After: 1',
    heldBy: [
      {
        file: 'test/api/repeats.ts',
        title: 'while the first one runs, the others are told to come again',
      },
    ],
  },
]
