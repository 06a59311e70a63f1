import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { AlertsService } from './alerts.service.js'
import { SilencesService } from './silences.service.js'
import { TriageService } from './triage.service.js'

@Controller()
export class AlertsController {
  constructor(
    private readonly alerts: AlertsService,
    private readonly triage: TriageService,
    private readonly silences: SilencesService,
  ) {}

  @Serve(routes.alerts)
  list(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.alerts>) {
    return this.alerts.list(access, input)
  }

  @Serve(routes.alert)
  alert(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.alert>) {
    return this.alerts.detail(access, params.id)
  }

  @Serve(routes.alertAcknowledge)
  acknowledge(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertAcknowledge>) {
    return this.triage.change(access, params.id, body.version, { kind: 'acknowledge' })
  }

  @Serve(routes.alertBegin)
  begin(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertBegin>) {
    return this.triage.change(access, params.id, body.version, { kind: 'begin' })
  }

  @Serve(routes.alertClose)
  close(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertClose>) {
    const { version, verdict, note } = body
    return this.triage.change(access, params.id, version, { kind: 'close', verdict, text: note })
  }

  @Serve(routes.alertReopen)
  reopen(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertReopen>) {
    return this.triage.change(access, params.id, body.version, { kind: 'reopen', text: body.note })
  }

  @Serve(routes.alertAssign)
  assign(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertAssign>) {
    return this.triage.change(access, params.id, body.version, { kind: 'assign', assignee: body.assignee })
  }

  @Serve(routes.alertComment)
  comment(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertComment>) {
    return this.triage.change(access, params.id, undefined, { kind: 'comment', text: body.text })
  }

  @Serve(routes.alertMerge)
  merge(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertMerge>) {
    return this.triage.merge(access, params.id, body.version, body.ids)
  }

  @Serve(routes.alertSplit)
  split(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.alertSplit>) {
    return this.triage.change(access, params.id, body.version, { kind: 'split' })
  }

  @Serve(routes.silences)
  silenced(@TheAccess() access: Access) {
    return this.silences.list(access)
  }

  @Serve(routes.silenceCreate)
  silence(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.silenceCreate>) {
    return this.silences.set(access, input)
  }

  @Serve(routes.silenceEnd)
  endSilence(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.silenceEnd>) {
    return this.silences.end(access, params.id)
  }
}
