/** Run by `history.test.ts`, which kills it: `append-until-killed.ts FOLDER ACTED`. Acts on each event: a line in ACTED. */
import { appendFileSync } from 'node:fs'
import { HistoryFile } from './history.js'
import { values } from './script.js'

const [folder, acted] = process.argv.slice(2) as [string, string]
const history = HistoryFile.begin(folder, 'writer0')
for (let n = 0; ; n++) {
  history.append({ e: 'sent', ...values(n, n) })
  appendFileSync(acted, `${n}\n`)
}
