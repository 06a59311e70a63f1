import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/**
 * What lies between two processes: `pass` is a good line; `swallow` takes connections and carries nothing, as a firewall
 * that drops; `slow` delays each piece; `reset` ends what is there and whatever comes.
 */
export type LineMode = 'pass' | 'swallow' | 'slow' | 'reset'

export interface FaultProxy {
  /** of 127.0.0.1 */
  port: number
  /** for what is connected already, too; what was swallowed arrives once the line passes again, as TCP has it */
  set(mode: LineMode): void
  stop(): Promise<void>
}

export interface FaultProxyOptions {
  /** how long each piece is late on a `slow` line, in each direction */
  delayMs?: number
}

/** A TCP port that leads to a server, TCP or Unix socket, over a line whose faults can be switched. Carries bytes, knows nothing. */
export async function startFaultProxy(
  upstream: NetConnectOpts,
  { delayMs = 300 }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  let mode: LineMode = 'pass'
  const lines = new Set<Line>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (visitor) => {
    if (mode === 'reset') return void visitor.resetAndDestroy()
    const line = new Line(visitor, () => connect({ ...upstream, allowHalfOpen: true }), delayMs)
    lines.add(line)
    line.onEnd(() => lines.delete(line))
    line.set(mode)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      mode = next
      for (const line of lines) line.set(next)
    },
    stop: async () => {
      for (const line of lines) line.end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One connection and its counterpart, which is opened once the line carries something. */
class Line {
  private far?: Socket
  private readonly there: Gate
  private readonly back: Gate

  constructor(
    private readonly near: Socket,
    private readonly open: () => Socket,
    delayMs: number,
  ) {
    this.there = new Gate(delayMs)
    this.back = new Gate(delayMs)
    near.on('error', () => this.end())
  }

  onEnd(listener: () => void): void {
    this.near.once('close', listener)
  }

  set(mode: LineMode): void {
    if (mode === 'reset') return this.end()
    this.there.set(mode)
    this.back.set(mode)
    if (mode !== 'swallow') this.far ??= this.connect()
  }

  end(): void {
    this.near.resetAndDestroy()
    this.far?.destroy()
  }

  private connect(): Socket {
    const far = this.open().setNoDelay()
    far.on('error', () => this.end())
    far.once('close', () => this.near.destroy())
    this.near.once('close', () => far.destroy())
    this.near.pipe(this.there).pipe(far)
    far.pipe(this.back).pipe(this.near)
    return far
  }
}

/** Lets pieces through at once, late, or not until the line is good again; always in order. */
class Gate extends Transform {
  private mode: LineMode = 'pass'
  private release: (() => void) | undefined

  constructor(private readonly delayMs: number) {
    super()
  }

  set(mode: LineMode): void {
    this.mode = mode
    if (mode !== 'swallow') this.release?.()
  }

  override _transform(piece: Buffer, _: BufferEncoding, done: (error: null, piece: Buffer) => void): void {
    const through = () => {
      this.release = undefined
      done(null, piece)
    }
    if (this.mode === 'pass') through()
    else if (this.mode === 'slow') setTimeout(through, this.delayMs)
    else this.release = through
  }
}
