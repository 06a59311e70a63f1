import { fileURLToPath } from 'node:url'
import { privateSocketPath } from '@custodia/streams/audit-store'
import { z } from 'zod'
import type { Config } from '../config.js'
import { Child } from './child.js'
import { lockDataDirectory, prepareDataDirectory, requireFreePort } from './data-directory.js'
import { embeddedServers } from './embedded-servers.js'
import { StartError } from './start-error.js'

/** What the gateway tells the supervisor over their channel. */
const GatewayMessage = z.object({
  ready: z.literal(true).optional(),
  setupCode: z.string().optional(),
  demo: z.enum(['run', 'stop']).optional(),
})

const moduleOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * The supervisor of a single machine: the two servers it lacks, then streams, then the gateway; each is started again when
 * it dies. Ctrl-C stops them in the opposite order. Resolves when the system is up.
 */
export async function start(config: Config, options: { demo: boolean }): Promise<void> {
  prepareDataDirectory(config.dataDir)
  await lockDataDirectory(config.dataDir, privateSocketPath(config.dataDir, 'supervisor.sock'))
  await requireFreePort(config.http.port, config.http.host)

  const servers = embeddedServers(config, say)
  const streams = new Child({ name: 'streams', module: moduleOf('@custodia/streams/main'), say })
  const demo = new Child({ name: 'demo', module: fileURLToPath(new URL('../demo/main.js', import.meta.url)), say })
  let demoRuns = false
  const gateway = new Child({
    name: 'gateway',
    module: fileURLToPath(new URL('../main.js', import.meta.url)),
    env: { CUSTODIA_DEMO: options.demo ? 'install' : '' },
    say,
    onMessage: (message) => {
      const { demo: wish, setupCode, ready } = GatewayMessage.parse(message)
      if (setupCode && !ready) say(`Setup code (for the first administrator, once): ${setupCode}`)
      if (wish === 'run' && !demoRuns) {
        demoRuns = true
        demo.start().catch((error: unknown) => say(`demo: ${error instanceof Error ? error.message : String(error)}`))
      }
      if (wish === 'stop') {
        demoRuns = false
        void demo.stop().then(() => gateway.send({ demo: 'stopped' }))
      }
    },
  })

  const parts = [gateway, streams]
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await demo.stop()
      for (const part of parts) await part.stop()
      await Promise.all(servers.map((server) => server.stop()))
    })())
  const stopAndExit = (): void => void stop().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopAndExit)

  try {
    await Promise.all(servers.map((server) => server.start()))
    const [, ready] = await Promise.all([streams.start(), gateway.start()])
    const { setupCode } = GatewayMessage.parse(ready)
    say(`\nCustodia is running: ${config.http.origin}`)
    if (setupCode) say(`Setup code (for the first administrator, once): ${setupCode}`)
    say(`Data in ${config.dataDir}. Ctrl-C stops everything.\n`)
  } catch (error) {
    if (stopping) return
    await stop()
    throw new StartError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
