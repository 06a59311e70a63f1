import { Controller } from '@nestjs/common'
import { approvalRoutes, type Approval, type InputOf, type ReplyOf } from '@custodia/contracts'
import { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { ApprovalsService } from './approvals.service.js'

type Routes = typeof approvalRoutes

@Controller()
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Serve(approvalRoutes.approvals)
  list(
    @TheAccess() access: Access,
    @Input() { query }: InputOf<Routes['approvals']>,
  ): Promise<ReplyOf<Routes['approvals']>> {
    return this.approvals.list(access, query.list)
  }

  @Serve(approvalRoutes.approval)
  one(
    @TheAccess() access: Access,
    @Input() { params }: InputOf<Routes['approval']>,
  ): Promise<ReplyOf<Routes['approval']>> {
    return this.approvals.detail(access, params.id)
  }

  @Serve(approvalRoutes.approvalAsk)
  ask(@TheAccess() access: Access, @Input() { body }: InputOf<Routes['approvalAsk']>): Promise<Approval> {
    return this.approvals.ask(access, body)
  }

  @Serve(approvalRoutes.approvalBreakGlass)
  breakGlass(@TheAccess() access: Access, @Input() { body }: InputOf<Routes['approvalBreakGlass']>): Promise<Approval> {
    return this.approvals.breakGlass(access, body)
  }

  @Serve(approvalRoutes.approvalDecide)
  decide(@TheAccess() access: Access, @Input() input: InputOf<Routes['approvalDecide']>): Promise<Approval> {
    return this.approvals.decide(access, input)
  }

  @Serve(approvalRoutes.approvalRevoke)
  revoke(@TheAccess() access: Access, @Input() input: InputOf<Routes['approvalRevoke']>): Promise<Approval> {
    return this.approvals.revoke(access, input)
  }

  @Serve(approvalRoutes.approvalReview)
  review(@TheAccess() access: Access, @Input() input: InputOf<Routes['approvalReview']>): Promise<Approval> {
    return this.approvals.review(access, input)
  }
}
