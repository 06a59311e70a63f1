import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../capture/metrics.js'

/** Every answer by its route, not its address: ids in addresses would make endless series, and belong to nobody's metrics. */
export function measureRequests(http: FastifyInstance, metrics: Metrics): void {
  http.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.request.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    )
  })
}
