import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
  json: Record<string, unknown>
}

/** A server that takes what is posted to it, and answers as the test says. */
export interface Receiver {
  url: string
  port: number
  received: Received[]
  /** what the next ones are answered */
  answer: (response: ServerResponse, received: Received) => void
  stop(): Promise<void>
}

export const withJson =
  (body: unknown, status = 200): Receiver['answer'] =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

export async function startReceiver(answer: Receiver['answer'] = withJson({})): Promise<Receiver> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://receiver')
      const json = JSON.parse(body.toString()) as Record<string, unknown>
      const received = { path, query, headers: request.headers, body, json }
      receiver.received.push(received)
      receiver.answer(response, received)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    port,
    received: [],
    answer,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
