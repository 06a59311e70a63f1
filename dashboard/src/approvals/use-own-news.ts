import type { ApprovalStep, LiveMessages } from '@custodia/contracts'
import { createEventHook, createSharedComposable, tryOnScopeDispose } from '@vueuse/core'
import { io, type Socket } from 'socket.io-client'

interface Moved {
  id: string
  step: ApprovalStep
}

/**
 * What others decide on the reader's own requests, and that a review of their people begins, as it happens. Only what comes while the page is connected: when it begins
 * to be told, and after every break, pages that show a request look for themselves. docs/live.md.
 */
export const useOwnNews = createSharedComposable(() => {
  const begun = createEventHook<void>()
  const moved = createEventHook<Moved>()
  const reviewed = createEventHook<{ people: number }>()
  const socket: Socket<Pick<LiveMessages, 'own' | 'bye'>, Record<never, never>> = io('/own', {
    path: '/socket.io',
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  })
  socket.on('own', ({ approval, review }) => {
    if (approval) void moved.trigger(approval)
    else if (review) void reviewed.trigger(review)
    else void begun.trigger()
  })
  // The session is over: the next request tells why.
  let over = false
  socket.on('bye', () => {
    over = true
    socket.disconnect()
  })
  // The manager comes back by itself, but to a server that ends the connection politely.
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect' && !over) setTimeout(() => over || socket.connect(), 1_000)
  })
  tryOnScopeDispose(() => {
    over = true
    socket.disconnect()
  })
  return { onMoved: moved.on, onReview: reviewed.on, onBegun: begun.on }
})
