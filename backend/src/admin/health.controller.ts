import { Controller, Get, Header, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { BackupWatch } from '../backup/backup-watch.js'
import { CalendarWatch } from '../capture/calendar-watch.js'
import { Metrics } from '../capture/metrics.js'
import { OpenToAll } from '../gateway/open-to-all.js'
import { ReadinessService, type Part } from './readiness.service.js'

@Controller()
export class HealthController {
  constructor(
    private readonly readiness: ReadinessService,
    private readonly metrics: Metrics,
    private readonly backups: BackupWatch,
    private readonly calendar: CalendarWatch,
  ) {}

  @Get('healthz')
  @OpenToAll('an orchestrator asks whether the process is alive; the answer says nothing else')
  healthz(): { status: 'ok' } {
    return { status: 'ok' }
  }

  @Get('readyz')
  @OpenToAll('a load balancer asks whether to send people here; the answer names parts of the system')
  async readyz(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ ready: boolean; parts: Part[]; warnings: readonly string[] }> {
    const parts = await this.readiness.parts()
    const ready = parts.every((part) => part.ok || part.optional)
    const behind = parts.filter((part) => !part.ok && part.optional).map(({ part }) => `${part}: not well`)
    void reply.status(ready ? 200 : 503)
    const calendar = this.calendar.warnings().map(({ en }) => en)
    return { ready, parts, warnings: [...this.backups.warnings(), ...behind].concat(calendar) } // warnings send nobody elsewhere: no gateway is better off
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @OpenToAll('Prometheus scrapes it: counts and durations by route, nobody in them')
  async metricsText(): Promise<string> {
    await this.readiness.measure()
    return this.metrics.registry.metrics()
  }
}
