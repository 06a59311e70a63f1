import { setupCodeLine } from './cli/setup-code-line.js'
import { StartError } from './cli/start-error.js'
import { ConfigError, readConfigFromEnvironment } from './config.js'
import { createGateway } from './gateway/http.js'
import { SetupService } from './identity/setup.service.js'
import { lastWords } from './logger.js'

const patienceMs = 5000

/** The gateway process. Started by the supervisor on one machine, by an orchestrator on many. */
async function main(): Promise<void> {
  const config = readConfigFromEnvironment()
  const app = await createGateway(config)
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'])
  // Started by the supervisor: when it is gone, so are we.
  process.once('disconnect', () => {
    setTimeout(() => process.exit(0), patienceMs).unref() // a database that is gone too cannot be said goodbye to
    void app.close().then(() => process.exit(0))
  })
  await app.listen(config.http.port, config.http.host)
  const setupCode = config.installDemo ? undefined : await app.get(SetupService).ensureSetupCode()
  if (process.send) process.send({ ready: true, setupCode })
  // Nobody above us prints it: on many machines a gateway is a process of its own.
  else if (setupCode) process.stdout.write(`${setupCodeLine(setupCode)}\n`)
}

main().catch((error: unknown) => {
  const { code, port } = error as { code?: string; port?: number }
  const sentence =
    code === 'EADDRINUSE'
      ? `Port ${port} is taken by another program: set PORT to a free one.`
      : error instanceof ConfigError || error instanceof StartError
        ? error.message
        : `The gateway could not start: ${lastWords(error)}`
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
})
