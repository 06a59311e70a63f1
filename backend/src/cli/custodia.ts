#!/usr/bin/env node
import { ConfigError } from '../config.js'
import { commandOf, usage } from './commands.js'
import { StartError } from './start-error.js'

async function main(given: string[]): Promise<void> {
  const found = commandOf(given)
  if (found && (found.flags.length === 0 || found.command.usage.includes('['))) return found.command.run(found.flags)
  process.stderr.write(usage())
  process.exitCode = 2
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
  const expected = error instanceof ConfigError || error instanceof StartError || isUsage
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(isUsage ? 2 : 1)
})
