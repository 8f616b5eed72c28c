/** Settings: where a value comes from, what each takes, and what is said of all else. */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, test } from 'node:test'
import { examineConfig, flagOf, readConfig, settingNames, settings, variableOf } from './config.ts'

test('the defaults are those of the contract', () => {
  const { config, origins, warnings } = readConfig({}, {})
  assert.deepEqual(config, {
    host: '127.0.0.1',
    port: 8080,
    data: resolve('data'),
    store: 'sqlite:',
    bodySizeMaxBytes: 1_048_576,
    merge: 'deep',
    numbers: 'refuse',
    corsOrigins: [],
    trustProxy: 0,
    inFlightMax: 1000,
    keyRate: 0,
    busyTimeoutMs: 5000,
    newStore: 'make',
    storeMaxBytes: 0,
    cacheMaxBytes: 67_108_864,
    log: 'requests',
    metricsPort: 'none',
    drainMs: 10_000,
  })
  assert.ok(Object.values(origins).every((origin) => origin === 'default'))
  assert.deepEqual(warnings, [])
})

test('the environment beats the default, and a flag beats the environment', () => {
  const environment = { TENANTRY_PORT: '1', TENANTRY_MERGE: 'shallow', PATH: '/bin' }
  const { config, origins, warnings } = readConfig({ port: '2' }, environment)
  assert.deepEqual(warnings, [])
  assert.deepEqual([config.port, origins.port], [2, 'flag'])
  assert.deepEqual([config.merge, origins.merge], ['shallow', 'environment'])
  assert.deepEqual([config.numbers, origins.numbers], ['refuse', 'default'])
})

test('a value that is said is told from a default that is the same', () => {
  const { origins } = readConfig({ host: '127.0.0.1' }, { TENANTRY_PORT: '8080' })
  assert.deepEqual([origins.host, origins.port, origins.data], ['flag', 'environment', 'default'])
})

test('a wrong variable is not looked at behind a flag', () => {
  assert.equal(readConfig({ port: '2' }, { TENANTRY_PORT: 'wrong' }).config.port, 2)
})

test('flags and variables are spelled after the setting', () => {
  assert.equal(variableOf('bodySizeMaxBytes'), 'TENANTRY_BODY_SIZE_MAX_BYTES')
  assert.equal(flagOf('bodySizeMaxBytes'), '--body-size-max-bytes')
  assert.equal(variableOf('port'), 'TENANTRY_PORT')
  assert.equal(flagOf('port'), '--port')
  assert.equal(new Set(settingNames.map(variableOf)).size, settingNames.length)
})

test('every setting says in a sentence what it is, and takes its own default', () => {
  for (const name of settingNames) {
    const setting = settings[name]
    assert.match(setting.about, /^[A-Z].*\.$/, name)
    assert.notEqual(setting.parse(setting.default), undefined, name)
  }
})

const bounds = [
  ['port', 0, 65_535],
  ['bodySizeMaxBytes', 1024, 16_777_216],
  ['busyTimeoutMs', 0, 60_000],
  ['drainMs', 0, 600_000],
  ['trustProxy', 0, 16],
  ['inFlightMax', 1, 100_000],
  ['keyRate', 0, 1_000_000],
] as const

for (const [name, min, max] of bounds) {
  describe(name, () => {
    for (const value of [min, min + 1, max - 1, max]) {
      test(`takes ${value}`, () => {
        assert.equal(readConfig({ [name]: String(value) }, {}).config[name], value)
      })
    }

    const others = [min - 1, max + 1, '', ' ', `${max} `, '1e3', '0x400', '2000.0', '+2000', 'two']
    for (const value of [...others, '99999999999999999999', '٢٠٠٠', 'NaN', '2_000']) {
      test(`does not take ${JSON.stringify(value)}`, () => {
        const said = JSON.stringify(String(value))
        assert.throws(() => readConfig({}, { [variableOf(name)]: String(value) }), {
          name: 'StartRefused',
          message: `${variableOf(name)} is ${said}; it takes a whole number from ${min} to ${max}.`,
        })
      })
    }
  })
}

const choices = [
  ['merge', ['deep', 'shallow']],
  ['numbers', ['refuse', 'round']],
] as const

for (const [name, values] of choices) {
  describe(name, () => {
    for (const value of values) {
      test(`takes ${value}`, () => {
        assert.equal(readConfig({ [name]: value }, {}).config[name], value)
      })
    }
    for (const value of ['', 'Deep', `${values[0]} `, values.join(), 'none', 'constructor']) {
      test(`does not take ${JSON.stringify(value)}`, () => {
        assert.throws(() => readConfig({ [name]: value }, {}), {
          name: 'StartRefused',
          message: `--${name} is ${JSON.stringify(value)}; it takes ${values.join(' or ')}.`,
        })
      })
    }
  })
}

describe('corsOrigins', () => {
  for (const [said, origins] of [
    ['none', []],
    ['https://app.example.com', ['https://app.example.com']],
    ['http://localhost:3000', ['http://localhost:3000']],
    ['http://127.0.0.1,http://[::1]:8080', ['http://127.0.0.1', 'http://[::1]:8080']],
    ['https://a.example , https://b.example', ['https://a.example', 'https://b.example']],
    ['https://xn--bcher-kva.example', ['https://xn--bcher-kva.example']],
  ] as const) {
    test(`takes ${said}`, () => {
      assert.deepEqual(readConfig({ corsOrigins: said }, {}).config.corsOrigins, origins)
    })
  }

  const others = ['', '*', 'null', 'app.example.com', '//app.example.com', 'https://', 'none,none']
  const written = ['https://app.example.com/', 'https://App.example.com', 'HTTPS://app.example.com']
  const more = ['https://app.example.com:443', 'http://a.example:80', 'https://bücher.example']
  const parts = [
    'https://user@a.example',
    'https://a.example/x',
    'https://a.example?x',
    'file:///x',
  ]
  const lists = ['https://a.example,', ',https://a.example', 'https://a.example https://b.example']
  const wild = [
    'https://*.example.com/',
    'none,https://a.example',
    'data:text/plain,x',
    'about:blank',
  ]
  for (const said of [...others, ...written, ...more, ...parts, ...lists, ...wild]) {
    test(`does not take ${JSON.stringify(said)}`, () => {
      assert.throws(() => readConfig({}, { TENANTRY_CORS_ORIGINS: said }), {
        name: 'StartRefused',
        message:
          `TENANTRY_CORS_ORIGINS is ${JSON.stringify(said)}; ` +
          'it takes origins as https://app.example.com, commas between them, or none.',
      })
    })
  }
})

test('data is an absolute path from here on', () => {
  assert.equal(readConfig({ data: 'x/../y' }, {}).config.data, resolve('y'))
  assert.throws(() => readConfig({ data: '' }, {}), {
    name: 'StartRefused',
    message: '--data is ""; it takes a path that is not empty.',
  })
})

for (const name of ['host', 'store'] as const) {
  test(`${name} takes any text but an empty one`, () => {
    assert.equal(readConfig({ [name]: ' x ' }, {}).config[name], ' x ')
    assert.throws(() => readConfig({ [name]: '' }, {}), {
      name: 'StartRefused',
      message: `--${name} is ""; it takes a text that is not empty.`,
    })
  })
}

test('a variable that looks like a setting and is none is warned of, never taken', () => {
  const { config, warnings } = readConfig({}, { TENANTRY_PROT: '1', TENANTRYPORT: '2', PORT: '3' })
  assert.equal(config.port, 8080)
  assert.equal(warnings.length, 1)
  assert.match(
    warnings[0] ?? '',
    /^TENANTRY_PROT is no setting and is ignored; is TENANTRY_PORT meant\?$/,
  )
})

test('of a variable that is near to a setting, that is suggested, and of others none', () => {
  for (const [said, meant] of [
    ['TENANTRY_PRT', 'TENANTRY_PORT'],
    ['TENANTRY_DATAA', 'TENANTRY_DATA'],
    ['TENANTRY_METRIC_PORT', 'TENANTRY_METRICS_PORT'],
    ['TENANTRY_BODY_SIZE_MAX', undefined],
    ['TENANTRY_FROBNICATE', undefined],
  ] as const) {
    const [warning = ''] = readConfig({}, { [said]: '1' }).warnings
    assert.equal(/is (\w+) meant/.exec(warning)?.[1], meant, said)
  }
})

test('whoever examines the settings is told all faults, and given defaults for these', () => {
  const said = { TENANTRY_PORT: 'x', TENANTRY_MERGE: 'y', TENANTRY_LOG: 'events' }
  const { config, faults } = examineConfig({ inFlightMax: '-1' }, said)
  assert.deepEqual(
    faults.map((fault) => fault.split(' ')[0]),
    ['TENANTRY_PORT', 'TENANTRY_MERGE', '--in-flight-max'],
  )
  assert.deepEqual(
    [config.port, config.merge, config.inFlightMax, config.log],
    [8080, 'deep', 1000, 'events'],
  )
})
