/**
 * The first thing that runs. It must load under any Node there ever was, so it is written in the
 * oldest JavaScript: an old Node then says what to install, and not that it met a strange `?.`.
 */
'use strict'

var wanted = [24, 15]

var found = process.versions.node.split('.').map(Number)

if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  process.stderr.write(
    'Tenantry needs Node 24.15 or newer; this is Node ' +
      process.versions.node +
      '.\n' +
      'Install Node 24.15 or newer. In a clone on Linux `npm ci` brings one along for `npm start`,\n' +
      '`npm test` and `npm run tenantry`, unless it was told to omit some packages.\n',
  )
  process.exit(78)
}
