import type { FastifyInstance } from 'fastify'

/**
 * Sends a browser that came by another spelling (127.0.0.1, another name) to the one origin that cookies and passkeys
 * belong to. Probes and tools keep their address: only page loads are moved.
 */
export function redirectToOrigin(http: FastifyInstance, origin: string): void {
  const own = new URL(origin).host
  http.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' || request.host === own || !isPage(request.url)) return
    // A proxy's request names a whole address, whose host is nobody's business here.
    await reply.redirect(origin + (request.url.startsWith('/') ? request.url : '/'), 307)
  })
}

const isPage = (url: string): boolean => !/^\/(api|socket\.io|healthz|readyz|metrics|assets)(\/|$|\?)/.test(url)
