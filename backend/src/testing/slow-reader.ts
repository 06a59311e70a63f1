import { connect, type Socket } from 'node:net'

/** A GET over a socket of its own whose answer is left on the line until `rest` is asked for. */
export class SlowReader {
  private constructor(
    private readonly socket: Socket,
    readonly status: number,
    /** bytes of the body that came with the headers */
    private received: number,
    readonly headers: string,
  ) {}

  /** Resolves once the first bytes of the body are here; nothing more is read then. */
  static async get(port: number, path: string, cookie: string): Promise<SlowReader> {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined) // a cut connection is what these tests are about
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost:8080\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`)
    const head = await new Promise<Buffer>((resolve, reject) => {
      let received = Buffer.alloc(0)
      socket.on('data', function collect(chunk: Buffer) {
        received = Buffer.concat([received, chunk])
        const end = received.indexOf('\r\n\r\n')
        if (end === -1 || received.length === end + 4) return
        socket.off('data', collect).pause()
        resolve(received)
      })
      socket.once('close', () => reject(new Error('the connection ended before the answer began')))
    })
    const end = head.indexOf('\r\n\r\n')
    const headers = head.subarray(0, end).toString()
    return new SlowReader(socket, Number(headers.split(' ')[1]), head.length - end - 4, headers)
  }

  /** Takes what is left; resolves when the connection is over, with all bytes of the body that ever came. */
  async rest(): Promise<number> {
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.length))
    this.socket.resume()
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve)) // cut short or not
    return this.received
  }
}
