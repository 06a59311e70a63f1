import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startFaultProxy, type FaultProxy } from './fault-proxy.js'

describe('a line with faults', () => {
  let dir: string
  let echo: Server
  let proxy: FaultProxy
  const heard: Socket[] = []
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-proxy-'))
    echo = createServer((socket) => {
      heard.push(socket)
      socket.on('error', () => undefined).pipe(socket)
    }).listen(join(dir, 'echo.sock'))
    await once(echo, 'listening')
    proxy = await startFaultProxy({ path: join(dir, 'echo.sock') }, { delayMs: 1 })
  })
  beforeEach(() => proxy.set('pass'))
  afterAll(async () => {
    await proxy.stop()
    echo.close()
    await rm(dir, { recursive: true })
  })

  const dial = async (): Promise<Socket> => {
    const socket = connect(proxy.port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))
  const answerTo = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text)
    return String((await once(socket, 'data'))[0])
  }

  it.each(['pass', 'slow'] as const)('carries both ways when it is to %s', async (mode) => {
    proxy.set(mode)
    const socket = await dial()
    expect(await answerTo(socket, 'hello')).toBe('hello')
    socket.destroy()
  })

  it('swallows, for old and new connections, and carries on what was swallowed', async () => {
    const old = await dial()
    await answerTo(old, 'before')
    proxy.set('swallow')
    const reached = heard.length
    const fresh = await dial()
    const answers = [answerTo(old, 'old'), answerTo(fresh, 'fresh')]
    const silence = Symbol('silence')
    const first = await Promise.race([...answers, new Promise((resolve) => setTimeout(resolve, 100, silence))])
    expect([first, heard.length]).toEqual([silence, reached])
    proxy.set('pass')
    expect(await Promise.all(answers)).toEqual(['old', 'fresh'])
    for (const socket of [old, fresh]) socket.destroy()
  })

  it('ends connections with a reset, old ones and new ones', async () => {
    const old = await dial()
    await answerTo(old, 'before')
    const ended = closed(old)
    proxy.set('reset')
    await ended
    const fresh = connect(proxy.port, '127.0.0.1').on('error', () => undefined)
    await closed(fresh)
    proxy.set('pass')
    const again = await dial()
    expect(await answerTo(again, 'again')).toBe('again')
    again.destroy()
  })
})
