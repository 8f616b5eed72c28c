#!/usr/bin/env node
/** The `tenantry` command. The version guard comes first: all behind it needs a newer Node. */
'use strict'

require('./node-version.cjs')
const { existsSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

// A clone runs its source. A package has none, and runs what tools/build.ts made of it.
const source = join(__dirname, '../server/cli/main.ts')
const main = existsSync(source) ? source : join(__dirname, '../dist/cli/main.js')

// Reading the source takes half of a start. Not in the system's folder for such caches, which others
// may write to; where this one cannot be written, starting takes longer and that is all.
enableCompileCache(join(__dirname, '../node_modules/.cache/tenantry'))
require(main).main(process.argv.slice(2))
