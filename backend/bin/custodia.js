#!/usr/bin/env node
// `npx custodia`: npm links a program at install only if it is there by then, and would look for another of that name in the
// registry; so this file is kept, and what it starts is built when it is first needed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = new URL('../dist/cli/custodia.js', import.meta.url)
if (!existsSync(program)) {
  const build = fileURLToPath(new URL('../../deploy/build.mjs', import.meta.url))
  // stdout is for the command's own answer
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}
await import(program.href)
