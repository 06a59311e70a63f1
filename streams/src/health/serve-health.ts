import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { privateSocketPath } from '../audit-store/socket-path.js'

/** How the names of the sockets begin. */
export const healthSockets = 'streams-'

export interface HealthPart {
  part: string
  /** rejects when the part could not do its work now */
  check(): Promise<unknown>
  /** figures to look at */
  about?(): unknown
}

export interface HealthServer {
  close(): Promise<void>
}

const patienceMs = 2000
let served = 0

/**
 * Answers on a private socket whether every part of this process could do its work now; there is no port to reach it by.
 * Several workers may share a data directory, so each has a socket of its own.
 */
export const serveHealth = async (dataDir: string, parts: readonly HealthPart[]): Promise<HealthServer> => {
  const path = privateSocketPath(dataDir, `${healthSockets}${process.pid}-${++served}.sock`)
  const server = createServer((_request, response) => {
    void Promise.all(parts.map(answerOf)).then((answers) => {
      response.writeHead(answers.every(({ ok }) => ok) ? 200 : 503, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ parts: answers }))
    })
  })
  rmSync(path, { force: true }) // left by a killed process that had our number
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  server.unref()
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const answerOf = async ({
  part,
  check,
  about,
}: HealthPart): Promise<{ part: string; ok: boolean; about?: unknown }> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs)
  })
  const answer = check().then(
    () => true,
    () => false,
  )
  const figures = about && { about: about() }
  return { part, ...figures, ok: await Promise.race([answer, late]).finally(() => clearTimeout(timer)) }
}
