/** Request targets and names: what a path says, and what it may not. */
import type { Clause } from './clause.ts'

export const targetsAndNames: readonly Clause[] = [
  {
    section: '3 Targets and names',
    clause: 'absolute form counts as its path',
    heldBy: [
      { file: 'test/api/service.ts', title: 'an absolute target counts as its path' },
      { file: 'test/api/raw-targets.ts', title: 'absolute form to a foreign tenant' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'the target is split at ? and at /',
    heldBy: [
      { file: 'server/http/target.test.ts', title: 'a path is split at its slashes' },
      { file: 'server/http/target.test.ts', title: 'a second question mark is part of the query' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'each segment is decoded once',
    heldBy: [
      { file: 'server/http/target.test.ts', title: 'decoding is done once' },
      { file: 'test/api/raw-targets.ts', title: 'dot segments in escapes of escapes' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'as strict UTF-8',
    heldBy: [
      { file: 'server/http/target.test.ts', title: 'an overlong slash' },
      { file: 'test/api/targets.ts', title: 'an overlong escape is refused' },
      { file: 'test/api/targets.ts', title: 'half of a surrogate pair is refused' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'nothing is parsed twice or normalised',
    heldBy: [
      { file: 'server/http/target.test.ts', title: 'nothing is normalised' },
      { file: 'test/api/targets.ts', title: 'dot segments do not lead to another tenant' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'a raw byte over 0x7F is 400',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'a target in which a byte is over 0x7F' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'a bad escape is 400',
    heldBy: [{ file: 'test/api/targets.ts', title: 'a bad escape is refused' }],
  },
  {
    section: '3 Targets and names',
    clause: 'an empty segment is 400',
    heldBy: [{ file: 'test/api/targets.ts', title: 'an empty segment is refused' }],
  },
  {
    section: '3 Targets and names',
    clause: 'so is a trailing slash',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a trailing slash is refused' },
      { file: 'test/api/service.ts', title: 'a trailing slash is refused outside the API too' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'fixed segments match after decoding',
    heldBy: [{ file: 'test/api/targets.ts', title: 'fixed segments match after decoding' }],
  },
  {
    section: '3 Targets and names',
    clause: 'a plus is a plus in paths',
    heldBy: [{ file: 'test/api/targets.ts', title: 'a plus in a path is a plus' }],
  },
  {
    section: '3 Targets and names',
    clause: 'a plus is a blank in queries',
    heldBy: [{ file: 'server/http/target.test.ts', title: 'a plus is a blank' }],
  },
  {
    section: '3 Targets and names',
    clause: 'a target over 16 KiB is 414',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a target over 16 KiB is refused' },
      { file: 'test/api/raw-targets.ts', title: 'a target of 16 385 bytes' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'headers over 32 KiB are 431',
    heldBy: [{ file: 'test/api/targets.ts', title: 'headers over 32 KiB are refused' }],
  },
  {
    section: '3 Targets and names',
    clause: 'two Hosts are 400',
    heldBy: [{ file: 'test/api/below-requests.ts', title: 'two Host headers' }],
  },
  {
    section: '3 Targets and names',
    clause: 'two Authorizations are 400',
    heldBy: [{ file: 'test/api/below-requests.ts', title: 'two Authorization headers' }],
  },
  {
    section: '3 Targets and names',
    clause: 'two Content-Types are 400',
    heldBy: [{ file: 'test/api/below-requests.ts', title: 'two Content-Type headers' }],
  },
  {
    section: '3 Targets and names',
    clause: 'two Content-Lengths are 400',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'two Content-Length headers' },
      { file: 'test/api/raw-framing.ts', title: 'two lengths, the larger first' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'a collection name has 1 to 512 bytes, a document name 1 to 1500',
    heldBy: [
      { file: 'server/contract/names.test.ts', title: 'bytes at most, counted as UTF-8' },
      {
        file: 'server/storage/conformance/document-text.ts',
        title: 'the longest legal names work everywhere',
      },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'no name is a dot or two',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: "['..', /mean a folder/]," },
      { file: 'test/api/targets.ts', title: 'dot segments are names that are none, not steps' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'no name has a slash, escaped or not',
    heldBy: [{ file: 'test/api/every-operation.ts', title: "['a%2Fb', /slash/]," }],
  },
  {
    section: '3 Targets and names',
    clause: 'no name has a control character',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: "['a%00b', /control character/]," },
      { file: 'server/contract/names.test.ts', title: "['U+009F'" },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'no name has half of a surrogate pair',
    heldBy: [
      { file: 'server/contract/names.test.ts', title: 'the first half of a surrogate pair' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'names between double underscores are ours',
    heldBy: [{ file: 'test/api/every-operation.ts', title: "['__x__', /reserved/]," }],
  },
  {
    section: '3 Targets and names',
    clause: 'every other name is legal',
    heldBy: [
      { file: 'server/contract/names.test.ts', title: 'is legal exactly when no rule is broken' },
      { file: 'test/api/targets.ts', title: 'a percent sign can be part of a name' },
      {
        file: 'server/storage/conformance/document-text.ts',
        title: 'a name may be any text that a database might take for its own',
      },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'names are compared byte for byte',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'names are compared byte for byte' },
      {
        file: 'server/storage/conformance/document-text.ts',
        title: 'names are compared byte for byte',
      },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'a tenant id has its own alphabet, checked when it is made',
    heldBy: [
      { file: 'server/contract/names.test.ts', title: "describe('a tenant id'" },
      {
        file: 'test/commands/cli.test.ts',
        title: "['tenant create .hidden', 65, /is no tenant id/],",
      },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'below a document there are only known sub-resources',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'below a document there is only its live version' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'another method on a known path is 405, with Allow',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'does not take …' }],
  },
  {
    section: '3 Targets and names',
    clause: 'HEAD answers like GET without a body',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'HEAD answers like GET without a body' },
      { file: 'test/api/conditions.ts', title: 'HEAD is as conditional as GET' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'HEAD of a list reads no rows',
    heldBy: [
      { file: 'test/api/paging.test.ts', title: 'of HEAD read nothing and have no link' },
      { file: 'test/api/streams.test.ts', title: 'costs the store nothing when HEAD asks for it' },
    ],
  },
  {
    section: '3 Targets and names',
    clause: 'OPTIONS is 204 with Allow',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'answers OPTIONS with what it takes' }],
  },
  {
    section: '3 Targets and names',
    clause: 'unknown parameters are ignored',
    heldBy: [{ file: 'test/api/targets.ts', title: 'unknown query parameters are ignored' }],
  },
  {
    section: '3 Targets and names',
    clause: 'known parameters come once',
    heldBy: [{ file: 'test/api/cursors.test.ts', title: 'each may come once' }],
  },
  {
    section: '3 Targets and names',
    clause: 'known parameters parse, or 400',
    heldBy: [{ file: 'test/api/cursors.test.ts', title: 'the limit … is refused' }],
  },
  {
    section: '3 Targets and names',
    clause: 'nothing is said to other origins by default',
    heldBy: [{ file: 'test/api/cors.test.ts', title: 'says nothing of them to anyone' }],
  },
  {
    section: '3 Targets and names',
    clause: 'with a list, a preflight is answered without a key',
    heldBy: [{ file: 'test/api/cors.test.ts', title: 'answers a preflight of … without a key' }],
  },
  {
    section: '3 Targets and names',
    clause: 'to listed origins only',
    heldBy: [{ file: 'test/api/cors.test.ts', title: 'does not know …' }],
  },
  {
    section: '3 Targets and names',
    clause: 'their answers expose the headers that clients need',
    heldBy: [
      {
        file: 'test/api/cors.test.ts',
        title: 'lets a listed origin read answers, with all their headers',
      },
    ],
  },
]
