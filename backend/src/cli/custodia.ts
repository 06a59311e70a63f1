#!/usr/bin/env node
import { ConfigError, readConfigFromEnvironment } from '../config.js'
import { ready } from './ready.js'
import { StartError } from './start-error.js'
import { start } from './start.js'

const usage = `usage: custodia start [--demo] | custodia ready

  start          the whole system on this machine
  start --demo   the same with demo people, customers, photos and a scripted insider
  ready          asks the running system; exit code 0 when every part of it is ready
`

async function main([command, ...flags]: string[]): Promise<void> {
  const all = [command, ...flags].join(' ')
  if (all === 'start' || all === 'start --demo') return start(readConfigFromEnvironment(), { demo: flags.length > 0 })
  if (all === 'ready') process.exit((await ready(readConfigFromEnvironment())) ? 0 : 1)
  process.stderr.write(usage)
  process.exitCode = 2
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof StartError
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})
