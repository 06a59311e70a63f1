import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Gone, Input, Serve, TheAccess } from '../gateway/serve.js'
import { RuleListService } from './rule-list.service.js'
import { TrialsService } from './trials.service.js'
import { VersionsService } from './versions.service.js'

@Controller()
export class VersionsController {
  constructor(
    private readonly list: RuleListService,
    private readonly versions: VersionsService,
    private readonly trials: TrialsService,
  ) {}

  @Serve(routes.ruleFigures)
  figures(@TheAccess() access: Access) {
    return this.list.figures(access)
  }

  @Serve(routes.ruleFiles)
  files(@TheAccess() access: Access) {
    return this.list.files(access)
  }

  @Serve(routes.ruleFile)
  history(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.ruleFile>) {
    return this.versions.history(access, params.id)
  }

  @Serve(routes.ruleCheck)
  check(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleCheck>) {
    return this.list.check(access, input)
  }

  @Serve(routes.ruleTest)
  test(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleTest>) {
    return this.list.test(access, input)
  }

  @Serve(routes.ruleEdit)
  edit(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleEdit>) {
    return this.versions.edit(access, input)
  }

  @Serve(routes.ruleTry)
  backtest(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleTry>, @Gone() gone: AbortSignal) {
    return this.trials.run(access, input, gone)
  }

  @Serve(routes.rulePropose)
  propose(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.rulePropose>) {
    return this.versions.propose(access, input)
  }

  @Serve(routes.ruleApprove)
  approve(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleApprove>) {
    return this.versions.approve(access, input)
  }

  @Serve(routes.ruleApproveEach)
  approveEach(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleApproveEach>) {
    return this.versions.approveEach(access, input)
  }

  @Serve(routes.ruleReject)
  reject(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleReject>) {
    return this.versions.reject(access, input)
  }

  @Serve(routes.ruleRollback)
  rollback(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ruleRollback>) {
    return this.versions.rollback(access, input)
  }
}
