#!/usr/bin/env node
/** The `tenantry` command. The version guard comes first: all behind it needs a newer Node. */
'use strict'

require('./node-version.cjs')
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

// Reading the source takes half of a start. Not in the system's folder for such caches, which others
// may write to; where this one cannot be written, starting takes longer and that is all.
enableCompileCache(join(__dirname, '../node_modules/.cache/tenantry'))
require('../server/cli/main.ts').main(process.argv.slice(2))
