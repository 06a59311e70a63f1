import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line to a server that can be cut after so many bytes, and counts what it carried to the client. */
export interface CutLine {
  port: number
  /** from the server to the client, over all connections */
  readonly bytes: number
  /** connections so far */
  readonly connections: number
  /** times that it was cut in the middle */
  readonly cuts: number
  readonly leadsTo: number
  /** For connections from now on. */
  leadTo(port: number): void
  /** Cuts the connection that is open, or the next one, once it has carried so many more bytes; without a word, as a network does. */
  cutAfter(bytes: number): void
  stop(): Promise<void>
}

export async function startCutLine(to: number): Promise<CutLine> {
  const open = new Set<Socket>()
  const line = { bytes: 0, connections: 0, cuts: 0 }
  let target = to
  let left = Infinity
  const server = createServer({ noDelay: true }, (near) => {
    line.connections++
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
    const end = () => {
      open.delete(near)
      near.destroy()
      far.destroy()
    }
    open.add(near)
    for (const side of [near, far]) side.on('error', end).on('close', end)
    near.pipe(far)
    far.on('data', (piece: Buffer) => {
      const carried = piece.subarray(0, left)
      line.bytes += carried.length
      left -= carried.length
      near.write(carried)
      if (left > 0) return
      left = Infinity
      line.cuts++
      near.once('finish', end).end() // what was carried arrives
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return line.bytes
    },
    get connections() {
      return line.connections
    },
    get cuts() {
      return line.cuts
    },
    get leadsTo() {
      return target
    },
    leadTo: (port) => (target = port),
    cutAfter: (bytes) => (left = bytes),
    stop: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
