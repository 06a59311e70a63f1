#!/usr/bin/env node
import { ConfigError, readConfigFromEnvironment } from '../config.js'
import { StartError } from './start-error.js'
import { start } from './start.js'

const usage = `usage: custodia start [--demo]

  start          the whole system on this machine
  start --demo   the same with demo people, customers, photos and a scripted insider
`

async function main([command, ...flags]: string[]): Promise<void> {
  const unknown = flags.filter((flag) => flag !== '--demo')
  if (command !== 'start' || unknown.length) {
    process.stderr.write(usage)
    process.exitCode = 2
    return
  }
  await start(readConfigFromEnvironment(), { demo: flags.includes('--demo') })
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})
