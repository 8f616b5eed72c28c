#!/usr/bin/env node
/** The `tenantry` command. The version guard comes first: all behind it needs a newer Node. */
'use strict'

require('./node-version.cjs')
require('../server/cli/main.ts').main(process.argv.slice(2))
