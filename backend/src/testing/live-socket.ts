import type { LiveCursor, LiveItem, LiveMessages } from '@custodia/contracts'
import { io, type Socket } from 'socket.io-client'

type Item<T extends LiveItem['topic']> = LiveItem & { topic: T }
type Heard = { [K in keyof LiveMessages]: Parameters<LiveMessages[K]>[0][] } & {
  /** what came in `records`, by topic */
  alert: Item<'alerts'>[]
  account: Item<'accounts'>[]
}

export interface LiveConnection {
  socket: Socket<LiveMessages>
  /** everything said so far, by kind */
  heard: Heard
  /** resolves when the server has ended it */
  ended: Promise<void>
}

interface Opening {
  cookie?: string
  origin?: string
  cursor?: Partial<LiveCursor>
  namespace?: 'live' | 'own'
}

/** Opens the live socket as the dashboard does; it does not come back by itself. */
export function openLive(
  port: number,
  { cookie = '', origin, cursor = {}, namespace = 'live' }: Opening,
): LiveConnection {
  const socket: Socket<LiveMessages> = io(`http://127.0.0.1:${port}/${namespace}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: cursor,
    extraHeaders: { host: 'localhost:8080', cookie, ...(origin ? { origin } : {}) },
  })
  const heard: Heard = { alert: [], account: [], begin: [], records: [], feed: [], own: [], caught_up: [], bye: [] }
  socket.on('begin', (message) => heard.begin.push(message))
  socket.on('records', (message, received) => {
    heard.records.push(message)
    for (const item of message.items)
      if (item.topic === 'alerts') heard.alert.push(item)
      else heard.account.push(item)
    received()
  })
  socket.on('feed', (message) => heard.feed.push(message))
  socket.on('caught_up', (message) => heard.caught_up.push(message))
  socket.on('own', (message) => heard.own.push(message))
  socket.on('bye', (message) => heard.bye.push(message))
  const ended = new Promise<void>((resolve) => {
    socket.once('disconnect', () => resolve())
    socket.once('connect_error', () => resolve())
  })
  return { socket, heard, ended }
}
