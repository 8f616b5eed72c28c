/**
 * The compact form of a body: what stays as it was sent, and what has one spelling. SEED=n repeats
 * the random bodies.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { anyInteger, anyKey, anyNumber, anyText } from '../../test/support/any-json.ts'
import { readText, unescapedText } from '../../test/support/compact-text.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { anySpelledNumber, bodies, spelled, spellNumber } from '../../test/support/spelled-json.ts'
import { compactBody, meant, parseBody } from '../../test/support/taken-bodies.ts'

fc.configureGlobal({ seed })
tellSeed()

describe('the compact form', () => {
  const same: readonly (readonly [title: string, text: string])[] = [
    ['2^53', '{"a":9007199254740992}'],
    ['2^60, for which JSON.stringify has other digits', '{"a":1152921504606846976}'],
    ['-2^65, deep down', '{"a":[{"b":-36893488147419103232}]}'],
    ['the last integer that JSON.stringify writes in digits', '{"a":999999999999999868928}'],
    ['10^21 in digits', '{"a":[1000000000000000000000,-1000000000000000000000]}'],
    ['2^80 in digits', '{"a":1208925819614629174706176}'],
    ['digits in a text', '{"a":"1152921504606847001","1152921504606847001":1}'],
    ['such a number beside such a text', '{"a":"1152921504606847001","b":1152921504606846976}'],
    ['a fraction of many digits', '{"a":0.12345678901234568,"b":1234567.1234567892}'],
    ['keys that are numbers, in the order sent', '{"b":1,"2":2,"10":3,"1":{"1":4,"0":5}}'],
    ['blanks of all kinds in texts', '{" a\u00a0":"  \u2028 \u3000 "}'],
    ['what looks like the end of a text', String.raw`{"a\\":"\"}","b":"\\\\","c":"\\\""}`],
    ['empty containers', '{"a":{},"b":[],"c":[{},[],""]}'],
    ['text beyond ASCII', '{"имя":"名前 😀 \u2028\u007f"}'],
  ]
  for (const [title, text] of same) {
    test(`of a compact text is itself: ${title}`, () => assert.equal(compactBody(text), text))
  }

  const changed: readonly (readonly [title: string, sent: string, text: string])[] = [
    [
      'blanks outside of texts go',
      ' {\t"a b" :\r\n[ 1 , "c  d" , { } , [ ] ]\n} ',
      '{"a b":[1,"c  d",{},[]]}',
    ],
    ['-0 is 0', '{"a":[-0,-0.0,-0e5,0.000,0E-5]}', '{"a":[0,0,0,0,0]}'],
    ['what is too small for a double is 0', '{"a":[1e-400,-1e-400]}', '{"a":[0,0]}'],
    ['fractions that are none go', '{"a":[1.0,-2.50,1.0e0]}', '{"a":[1,-2.5,1]}'],
    ['exponents are worked out', '{"a":[1e2,1E+2,25e-1,12.5e1]}', '{"a":[100,100,2.5,125]}'],
    [
      'exponents that stay have one spelling',
      '{"a":[1E21,1e-7,1e0300]}',
      '{"a":[1e+21,1e-7,1e+300]}',
    ],
    [
      'more digits than a double has go',
      '{"a":0.12345678901234567890}',
      '{"a":0.12345678901234568}',
    ],
    [
      '2^60 in an exponent is in all digits',
      '{"a":1.152921504606847e18}',
      '{"a":1152921504606846976}',
    ],
    ['-10^20 is in all digits', '{"a":-1e20}', '{"a":-100000000000000000000}'],
    ['2^53 as a fraction is in digits', '{"a":9007199254740992.0}', '{"a":9007199254740992}'],
    [
      'escapes that need not be go',
      String.raw`{"\u0061\/":"\u00e9\ud83d\ude00\/\u007f"}`,
      '{"a/":"é😀/\u007f"}',
    ],
    [
      'escapes that must be have one spelling',
      String.raw`{"a":"\u0022\u005C\u000a\u001F\u0008"}`,
      String.raw`{"a":"\"\\\n\u001f\b"}`,
    ],
    [
      'keys have the form of other texts',
      String.raw`{"\u0022":1,"\u0031":2}`,
      String.raw`{"\"":1,"1":2}`,
    ],
  ]
  for (const [title, sent, text] of changed) {
    test(title, () => assert.equal(compactBody(sent), text))
  }

  test('of an integer that is rounded has all digits of what it became', () => {
    const sent = '{"a":[9007199254740993,-123456789012345678901]}'
    assert.equal(compactBody(sent, 'round'), '{"a":[9007199254740992,-123456789012345683968]}')
  })

  test('of any integer below 10^21 that is taken is in its digits', () => {
    fc.assert(
      fc.property(anyInteger, (integer) => {
        const held = BigInt(Number(integer))
        fc.pre(held > -(10n ** 21n) && held < 10n ** 21n)
        assert.equal(compactBody(`{"a":${held}}`), `{"a":${held}}`)
        assert.equal(compactBody(`{"a":${integer}}`, 'round'), `{"a":${held}}`)
        assert.equal(compactBody(`{"a":${held}.0}`), `{"a":${held}}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('of any double is taken again, as the same double', () => {
    const anyDouble = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      anyInteger.map(Number),
    )
    fc.assert(
      fc.property(fc.array(anyDouble), anyText, (doubles, text) => {
        const sent = doubles.map((value) => value.toExponential()).join()
        const value = { doubles, text, [`k${text}`]: text }
        const rest = JSON.stringify({ text, [`k${text}`]: text }).slice(1)
        assert.deepEqual(parseBody(`{"doubles":[${sent}],${rest}`), readText(JSON.stringify(value)))
      }),
      { numRuns: 500 },
    )
  })

  test('of any body is known, however its blanks, texts and numbers are written', () => {
    fc.assert(
      fc.property(bodies(anySpelledNumber, spelled(anyKey)), ({ sent, text }) => {
        assert.equal(compactBody(sent), text)
        assert.deepEqual(readText(text), meant(sent))
        assert.deepEqual(parseBody(sent, 'round'), meant(sent))
      }),
      { numRuns: 400 },
    )
  })

  test('is what JSON.stringify writes, without great integers and keys that are numbers', () => {
    const key = anyKey.filter((name) => String(Number(name)) !== name)
    const plainNumber = anyNumber.chain(spellNumber).filter(({ sent }) => !/^-?\d{17,}$/.test(sent))
    fc.assert(
      fc.property(bodies(plainNumber, spelled(key)), ({ sent, text }) => {
        assert.equal(compactBody(sent), text)
        assert.equal(unescapedText(text), JSON.stringify(readText(sent)))
        assert.equal(compactBody(sent, 'round'), text)
      }),
      { numRuns: 400 },
    )
  })

  test('is there for texts of any length and any run of backslashes', () => {
    for (let run = 0; run < 40; run++) {
      const value = {
        ['\\'.repeat(run)]: '\\'.repeat(run),
        ['"'.repeat(run)]: `${'\\'.repeat(run)}"`,
      }
      assert.equal(compactBody(JSON.stringify(value, null, 1)), JSON.stringify(value))
    }
  })
})
