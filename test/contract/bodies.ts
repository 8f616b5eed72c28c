/** JSON bodies: what is taken, what is refused, and that nothing changes silently. */
import type { Clause } from './clause.ts'

export const bodies: readonly Clause[] = [
  {
    section: '4 Bodies',
    clause: 'the type is JSON, its parameters ignored',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'parameters of the content type are ignored' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'another type or none is 415',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'of type text/plain' },
      { file: 'test/api/every-operation.ts', title: 'without a type' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'a content coding is 415',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'with a content coding' },
      { file: 'test/api/below-requests.ts', title: 'a transfer coding that packs' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'a body has at most 1 MiB',
    heldBy: [
      { file: 'test/api/settings.test.ts', title: 'takes a body of 1 MiB and not a byte more' },
      { file: 'test/api/every-operation.ts', title: 'that is too large' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'which is a setting',
    heldBy: [
      {
        file: 'test/api/settings.test.ts',
        title: 'takes a body of so many bytes and not one more',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'it is refused as it streams in',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'a body that grows too large as it streams' },
      { file: 'test/api/below-requests.ts', title: 'a body announced too large' },
    ],
  },
  {
    section: '4 Bodies',
    clause: '413 closes the connection',
    heldBy: [
      {
        file: 'test/api/below-requests.ts',
        title: "in the contract's shape, and the connection closed",
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'after a drain that the client can read the answer behind',
    heldBy: [
      {
        file: 'test/api/below-requests.ts',
        title: 'a client that sends on after 413 can read the answer',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'the drain is bounded',
    heldBy: [
      {
        file: 'test/api/streams.test.ts',
        title: 'that comes fast and never ends is cut after a bounded part of it',
      },
      {
        file: 'test/api/streams.test.ts',
        title: 'that trickles and never ends is cut after a bounded time',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'what is refused says where',
    heldBy: [{ file: 'server/contract/json-refused.test.ts', title: "place: 'line 1, column 8'," }],
  },
  {
    section: '4 Bodies',
    clause: 'UTF-8 is strict',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'that is no UTF-8' },
      { file: 'server/contract/json-refused.test.ts', title: 'a cut sequence' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'a byte order mark is refused',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'with a byte order mark' }],
  },
  {
    section: '4 Bodies',
    clause: 'the text is valid JSON',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'that is no JSON' },
      { file: 'test/gates/json.ts', title: '0 bodies wrongly taken or refused' },
      {
        file: 'server/contract/json-random.test.ts',
        title: 'a damaged text is judged as JSON.parse judges it',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'the root is an object',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: '/must be a.* this is an (object|array)/' },
      { file: 'server/contract/json-refused.test.ts', title: 'null as root' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'it is at most 64 deep',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'nested too deep' },
      { file: 'server/contract/json-taken.test.ts', title: '64 levels of arrays' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'it has at most 20 000 members and elements',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'with too many members' },
      { file: 'server/contract/json-taken.test.ts', title: 'one member and 19 999 elements' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'a key has at most 1500 bytes',
    heldBy: [
      {
        file: 'server/contract/json-refused.test.ts',
        title: 'a key of 1501 bytes, echoed no further',
      },
      {
        file: 'server/contract/json-taken.test.ts',
        title: 'a key of 1500 bytes in 500 characters',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'no key comes twice in one object',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'with a key twice' },
      {
        file: 'server/contract/json-random.test.ts',
        title: 'a key that occurs twice is refused at any depth',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'no key is __proto__',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'with __proto__' }],
  },
  {
    section: '4 Bodies',
    clause: 'no text has half of a surrogate pair',
    heldBy: [
      {
        file: 'server/contract/json-refused.test.ts',
        title: 'half of a surrogate pair, in a value',
      },
      { file: 'server/contract/json-refused.test.ts', title: 'half of a surrogate pair, in a key' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'an integer that a double cannot hold is refused',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'with a huge integer' },
      {
        file: 'server/contract/json-random.test.ts',
        title: 'an integer in digits is taken exactly when a double holds it',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'so is a value beyond its range',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'beyond a double' }],
  },
  {
    section: '4 Bodies',
    clause: 'the message says to send a string',
    heldBy: [
      {
        file: 'server/contract/json-refused.test.ts',
        title: 'would be rounded; send it as a string',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'other numbers take the nearest double',
    heldBy: [
      { file: 'server/contract/json-taken.test.ts', title: 'a fraction that a double rounds' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'with numbers: round, integers are rounded',
    heldBy: [
      {
        file: 'test/api/settings.test.ts',
        title: 'keeps the nearest double, and answers with what it keeps',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'every other key is ordinary',
    heldBy: [{ file: 'test/api/documents.ts', title: 'every key but __proto__ is ordinary' }],
  },
  {
    section: '4 Bodies',
    clause: 'the outcome keeps the limit of size: 413',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a merge that leaves too large a document is refused',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'the outcome keeps the other limits: 400',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a merge that leaves too many members is refused' },
      {
        file: 'test/api/patches.ts',
        title: 'a patch that would nest the live version too deep is refused',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'it is measured as GET shows it, without stamps',
    heldBy: [
      {
        file: 'server/documents/write-limits.test.ts',
        title: 'base and live version count together, without stamps',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'what passes a limit changes nothing',
    heldBy: [
      {
        file: 'test/api/settings.test.ts',
        title: 'refuses a merge whose outcome would pass it, and changes nothing',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'an action without a body takes none as {}',
    heldBy: [{ file: 'test/api/keys.ts', title: "['no body', undefined]," }],
  },
  {
    section: '4 Bodies',
    clause: 'a body of GET is ignored',
    heldBy: [{ file: 'test/api/documents.ts', title: 'a body on GET is ignored' }],
  },
  {
    section: '4 Bodies',
    clause: 'a body of HEAD is ignored',
    heldBy: [{ file: 'test/api/raw-framing.ts', title: 'a request in the body of a HEAD' }],
  },
  {
    section: '4 Bodies',
    clause: 'a body of DELETE is ignored',
    heldBy: [{ file: 'test/api/deletes.ts', title: 'a body of DELETE is ignored, whatever it is' }],
  },
  {
    section: '4 Bodies',
    clause: 'Accept never causes 406',
    heldBy: [{ file: 'test/api/documents.ts', title: 'any Accept is answered with JSON' }],
  },
  {
    section: '4 Bodies',
    clause: 'GET after POST equals what was sent, but for the stamps',
    heldBy: [
      {
        file: 'server/documents/write-histories.test.ts',
        title: 'GET after POST on a missing document is what was sent, but for the stamps',
      },
      { file: 'test/gates/json.ts', title: '0 silent changes' },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'and a live version that was not mentioned',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a POST to the base that does not mention the live version leaves it alone',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'on every engine that there is',
    heldBy: [
      {
        file: 'server/storage/conformance/document-text.ts',
        title: 'content comes back as it was: …',
      },
    ],
  },
  {
    section: '4 Bodies',
    clause: 'on PostgreSQL too',
    notYet: 'the engine is not built; the same suite will run on it',
  },
]
