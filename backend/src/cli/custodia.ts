#!/usr/bin/env node
import { commandOf, usage } from './commands.js'
import { StartError } from './start-error.js'

/** Whoever reads may stop early, like `head` does. What is being done is done all the same; nobody is told any more. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

async function main(given: string[]): Promise<void> {
  const found = commandOf(given)
  const help = given.indexOf('--help')
  if (help >= 0 && !found?.command.helps) return void process.stdout.write(usage(given.slice(0, help)))
  if (found) return found.command.run(found.flags)
  process.stderr.write(usage())
  process.exitCode = 2
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
  const expected = isConfigError(error) || error instanceof StartError || isUsage
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(isUsage ? 2 : 1)
})

/** told by its name: to load it here would load the whole configuration for commands that need none */
const isConfigError = (error: unknown): error is Error => error instanceof Error && error.name === 'ConfigError'
