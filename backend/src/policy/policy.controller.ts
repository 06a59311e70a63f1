import { Controller } from '@nestjs/common'
import { policyRoutes, type InputOf, type ReplyOf } from '@custodia/contracts'
import { Access } from '../gateway/access.js'
import { FileAnswer } from '../gateway/file-answer.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { PolicyService } from './policy.service.js'

type Routes = typeof policyRoutes

@Controller()
export class PolicyController {
  constructor(private readonly policy: PolicyService) {}

  @Serve(policyRoutes.policy)
  read(@TheAccess() access: Access): Promise<ReplyOf<Routes['policy']>> {
    return this.policy.read(access)
  }

  @Serve(policyRoutes.policyCsv)
  csv(@TheAccess() access: Access): Promise<FileAnswer> {
    return this.policy.csv(access)
  }

  @Serve(policyRoutes.policyJson)
  json(@TheAccess() access: Access): Promise<FileAnswer> {
    return this.policy.json(access)
  }

  @Serve(policyRoutes.policyChange)
  change(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<Routes['policyChange']>,
  ): Promise<ReplyOf<Routes['policyChange']>> {
    return this.policy.change(access, body)
  }
}
