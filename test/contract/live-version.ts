/** The live version: written through its base or alone, and published. */
import type { Clause } from './clause.ts'

export const liveVersion: readonly Clause[] = [
  {
    section: '5 The live version',
    clause: 'a base body with versions.current writes both, in one transaction',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a base body with versions.current writes both documents',
      },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'base, live version, revision and record move together',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'POST replaces the live version',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a POST to the base replaces the live version that it mentions',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'PUT merges into it',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a PUT to the base merges into the live version that it mentions',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'PUT makes it where it is absent, 200 for the base',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a PUT to the base makes a live version where there is none, and makes no base',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'current that is no object is 400',
    heldBy: [
      { file: 'test/api/live-versions.ts', title: 'a live version that is no object is refused' },
      { file: 'server/documents/versions.test.ts', title: 'as versions.current is refused' },
    ],
  },
  {
    section: '5 The live version',
    clause: 'current is taken out of the base',
    heldBy: [
      {
        file: 'server/documents/versions.test.ts',
        title: 'current is taken out, and versions with it when nothing else is in it',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'other members of versions stay data',
    heldBy: [
      {
        file: 'server/documents/versions.test.ts',
        title: 'what stands beside current stays data of the base',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'versions that it empties is not stored',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'nothing is left of versions that was made by the live version alone',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'versions that is no object is data without a live version',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'versions may be any value once the live version is taken off',
      },
      {
        file: 'server/documents/base-writes.test.ts',
        title: 'with versions … stores them as data',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'where it would meet one it is 400',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'versions that is no object cannot meet a live version',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'a base write that does not mention it leaves it alone',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a POST to the base that does not mention the live version leaves it alone',
      },
      {
        file: 'test/api/conditions.ts',
        title: 'a write to the base leaves the ETag of the live version alone',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'GET of the base shows it',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a base that was made by its live version shows it',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'so does the entry of a list',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: "data: stamped({ n: 1, versions: { current: stamped({ text: 'hi' }) } }),",
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'exactly as GET of it does',
    heldBy: [
      {
        file: 'server/documents/resource.test.ts',
        title: 'the live version alone as it stands in the base',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'POST is 201 where there was none',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a POST to the live version makes a missing base, empty',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'and makes a missing base, empty and stamped',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a base that was made by its live version shows it',
      },
      {
        file: 'server/documents/write-record.test.ts',
        title: 'a base that is made for a live version carries the same time and writer',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'GET without a live version is 404',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a document without a live version has none to read',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'so is PUT',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a PUT where there is no live version makes none',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'versions inside it are ordinary data',
    heldBy: [
      { file: 'test/api/live-versions.ts', title: 'a second POST replaces the live version' },
      {
        file: 'server/documents/versions.test.ts',
        title: 'versions inside the live version are data of it',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'a write to either advances the one revision',
    heldBy: [
      {
        file: 'server/documents/write-conditions.test.ts',
        title: 'a write to either part changes the ETag of the base',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'so the ETag of the base changes with both',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a write to the live version changes the ETag of the base',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'a write that changes the live content publishes',
    heldBy: [
      { file: 'server/documents/write-record.test.ts', title: 'adds a number' },
      {
        file: 'test/api/patches.ts',
        title: 'a patch publishes a number when it changes the live content, and only then',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'versions are numbered from 1',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'the first live version is number 1, though it is empty',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'without gaps',
    heldBy: [
      {
        file: 'test/api/model.test.ts',
        title: 'history.published.map((live, at) => ({ version: at + 1',
      },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'of many who publish at once, each is given a number of its own',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'a published version does not change',
    heldBy: [{ file: 'test/api/model.test.ts', title: 'published.map(({ version, live }) =>' }],
  },
  {
    section: '5 The live version',
    clause: 'equal content adds no number',
    heldBy: [
      { file: 'server/documents/write-record.test.ts', title: 'adds none, but stamps and counts' },
      {
        file: 'server/documents/write-record.test.ts',
        title: 'through the base, the same live version again adds no number',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'it refreshes the stamps and advances the revision',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'assert.equal(resource.live?.updated, 5000)',
      },
    ],
  },
  {
    section: '5 The live version',
    clause: 'equal is equal JSON, without stamps, in any order of members',
    heldBy: [
      {
        file: 'server/documents/compare.test.ts',
        title: 'two contents are the same exactly when their sorted texts are',
      },
      {
        file: 'server/documents/write-record.test.ts',
        title: "['other stamps alone', 'POST live'",
      },
    ],
  },
]
