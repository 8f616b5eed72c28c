/** The image that the Dockerfile makes: what goes into it, who runs in it, and that it runs. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { settingNames, settings, variableOf } from '../../server/config.ts'
import { contextFiles, layContext, readSteps } from '../support/image.ts'
import { packTarball } from '../support/package.ts'
import { findFreePort, makeFolder, root, startProcess } from '../support/process.ts'

const steps = readSteps()
const lastStage = steps.slice(steps.findLastIndex(({ word }) => word === 'FROM'))
const inLast = (wanted: string) => lastStage.find(({ word }) => word === wanted)?.rest ?? ''
const image = '/opt/tenantry'

describe('the Dockerfile', () => {
  const folder = makeFolder()
  after(() => folder.remove())
  const context = contextFiles()

  test('stands on the Node that the tests run with, by its whole version', () => {
    const { optionalDependencies } = JSON.parse(
      readFileSync(join(root, 'tools/node/package.json'), 'utf8'),
    )
    const bases = steps.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0])
    const [version] = Object.values(optionalDependencies)
    assert.deepEqual(bases, Array(2).fill(`node:${version}-bookworm-slim`))
  })

  test('copies what is there and not ignored, and is handed no data and no test', () => {
    for (const { rest } of steps.filter(({ word }) => word === 'COPY')) {
      const [flag = '', ...words] = rest.split(' ')
      const sources = flag.startsWith('--from') ? [] : [flag, ...words].slice(0, -1)
      for (const source of sources.filter((path) => path !== '.')) {
        assert.ok(existsSync(join(root, source)), `${source} is not there`)
        assert.ok(context.includes(source), `.dockerignore leaves ${source} out`)
      }
    }
    assert.deepEqual(
      context.filter((path) => /\.test\.ts$|^(test|bench|data)\//.test(path)),
      [],
    )
  })

  test('runs as nobody special, and is told to stop with the signal that the server knows', () => {
    assert.match(inLast('USER'), /^[1-9]\d*:[1-9]\d*$/)
    assert.equal(inLast('STOPSIGNAL'), 'SIGTERM')
    assert.equal(inLast('EXPOSE'), settings.port.default)
    const named = Object.keys(environment())
    assert.deepEqual(
      named.filter((name) => !settingNames.map(variableOf).includes(name)),
      [],
    )
    assert.equal(environment().TENANTRY_DATA, inLast('VOLUME'))
  })

  test('packs the same from what is not ignored; that serves, is healthy and stops', async () => {
    const clone = join(folder.path, 'clone')
    layContext(context, clone)
    const [whole, packed] = [await packTarball(folder.path), await packTarball(folder.path, clone)]
    assert.deepEqual(packed.files, whole.files)

    const opt = join(folder.path, 'opt')
    mkdirSync(opt)
    const tar = steps
      .find(({ rest }) => rest.includes('tar --extract'))
      ?.rest.split('&&')
      .at(-1)
    const extract = (tar ?? 'false').replaceAll(image, opt).replace('/tenantry-*.tgz', packed.path)
    assert.equal((await startProcess('bash', ['-euc', extract], {}).ended).status, 0)
    const linked =
      inLast('RUN')
        .split(' ')
        .find((word) => word.startsWith(image)) ?? ''

    const env = {
      ...environment(),
      TENANTRY_DATA: join(folder.path, 'data'),
      // On every address as the image does, but on a port that is free here.
      TENANTRY_PORT: String(await findFreePort()),
    }
    const command = [...words('ENTRYPOINT'), ...words('CMD')]
    assert.deepEqual(command, ['tenantry', 'serve'])
    const args = [linked.replace(image, opt), ...command.slice(1)]
    const server = startProcess(process.execPath, args, { env })
    await server.waitFor(/Tenantry serves http:\/\/0\.0\.0\.0:/)
    const [node, ...check] = JSON.parse(/CMD (\[.*\])$/.exec(inLast('HEALTHCHECK'))?.[1] ?? '[]')
    assert.equal(node, 'node')
    const health = () => startProcess(process.execPath, check, { env }).ended
    assert.deepEqual(await health(), { status: 0, out: '', err: '' })
    assert.equal((await server.stop()).status, 0)
    assert.deepEqual(await health(), { status: 1, out: '', err: '' })
  })
})

function environment(): { [name: string]: string } {
  const pairs = inLast('ENV')
    .split(' ')
    .map((pair) => pair.split('='))
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]))
}

function words(instruction: string): string[] {
  return JSON.parse(inLast(instruction))
}
