import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateSocketPath } from '@custodia/streams/audit-store'
import { z } from 'zod'
import type { Config } from '../config.js'
import { Child } from './child.js'
import { lockDataDirectory, prepareDataDirectory, requireFreePort, requireNoHalfRestore } from './preconditions.js'
import { embeddedServers } from './embedded-servers.js'
import { setupCodeLine } from './setup-code-line.js'
import { StartError } from './start-error.js'

/** What the gateway tells the supervisor over their channel. */
const GatewayMessage = z.object({
  ready: z.literal(true).optional(),
  setupCode: z.string().optional(),
  demo: z.enum(['run', 'stop']).optional(),
})

const moduleOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier))
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sayCode = (code: string): void => say(setupCodeLine(code))
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * The supervisor of a single machine: the two servers it lacks, then streams, then the gateway; each is started again when
 * it dies. Ctrl-C stops them in the opposite order. Resolves when the system is up.
 */
export async function start(config: Config, options: { demo: boolean }): Promise<void> {
  requireNoHalfRestore(config.dataDir)
  prepareDataDirectory(config.dataDir)
  await lockDataDirectory(config.dataDir, privateSocketPath(config.dataDir, 'supervisor.sock'))
  await requireFreePort(config.http.port, config.http.host)

  const logDir = join(config.dataDir, 'logs')
  const processOf = (
    name: string,
    module: string,
    more: { env?: Record<string, string>; onMessage?: (message: unknown) => void } = {},
  ) => new Child({ name, module, logDir, say, ...more })
  const gatewayEnv = { CUSTODIA_DEMO: options.demo ? 'install' : '' }
  const streams = processOf('streams', moduleOf('@custodia/streams/main'))
  const demo = processOf('demo', fileURLToPath(new URL('../demo/main.js', import.meta.url)))
  const gateway = processOf('gateway', fileURLToPath(new URL('../main.js', import.meta.url)), {
    env: gatewayEnv,
    onMessage: (message) => {
      const { demo: wish, setupCode } = GatewayMessage.parse(message)
      if (setupCode && up) sayCode(setupCode)
      if (wish === 'run') runDemo()
      if (wish === 'stop') void stopDemo()
    },
  })
  const servers = embeddedServers(config, {
    say,
    // Connections lead to the old place for ever: who has them starts anew.
    onPostgresMoved: () => [gateway, demo].forEach((part) => part.restart()),
  })

  let up = false
  let demoRuns = false
  const runDemo = (): void => {
    if (demoRuns) return
    demoRuns = true
    demo.start().catch((error: unknown) => {
      demoRuns = false
      if (!stopping) say(`demo: ${messageOf(error)}`)
    })
  }
  const stopDemo = async (): Promise<void> => {
    demoRuns = false
    gatewayEnv.CUSTODIA_DEMO = '' // a gateway that is started again must not bring back what was removed
    await demo.stop()
    gateway.send({ demo: 'stopped' })
  }

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const part of [demo, gateway, streams]) await part.stop()
      await Promise.all(servers.map((server) => server.stop()))
    })())
  const stopAndExit = (): void => void stop().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopAndExit)
  // Started by `npm run dev`: its word, and its end.
  process.on('message', (message) => message === 'reload' && [streams, gateway].forEach((part) => part.restart()))
  process.on('disconnect', stopAndExit)

  try {
    await Promise.all(servers.map((server) => server.start()))
    if (stopping) return
    const [, ready] = await Promise.all([streams.start(), gateway.start()])
    const { setupCode } = GatewayMessage.parse(ready)
    say(`\nCustodia is running: ${config.http.origin}`)
    if (setupCode) sayCode(setupCode)
    if (demoRuns)
      say(`Demo people sign in with ${join(config.dataDir, 'demo-accounts.json')}; their customers go on loading.`)
    say(`Data and logs are in ${config.dataDir}. Ctrl-C stops everything.\n`)
    up = true
  } catch (error) {
    if (stopping) return
    await stop()
    throw new StartError(messageOf(error), { cause: error })
  }
}
