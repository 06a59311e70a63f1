import { Controller } from '@nestjs/common'
import { vaultRoutes, type InputOf, type ReplyOf } from '@custodia/contracts'
import { Access } from '../../gateway/access.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { CustomerAccessesService } from './customer-accesses.service.js'
import { RecordService } from './record.service.js'

type Routes = typeof vaultRoutes
type Detail = ReplyOf<Routes['customerView']>

@Controller()
export class RecordController {
  constructor(
    private readonly records: RecordService,
    private readonly accesses: CustomerAccessesService,
  ) {}

  @Serve(vaultRoutes.customerCreate)
  create(@TheAccess() access: Access, @Input() { body }: InputOf<Routes['customerCreate']>): Promise<Detail> {
    return this.records.create(access, body)
  }

  @Serve(vaultRoutes.customerView)
  view(@TheAccess() access: Access, @Input() { params }: InputOf<Routes['customerView']>): Promise<Detail> {
    return this.records.view(access, params.id)
  }

  @Serve(vaultRoutes.customerUpdate)
  update(@TheAccess() access: Access, @Input() { params, body }: InputOf<Routes['customerUpdate']>): Promise<Detail> {
    return this.records.update(access, params.id, body)
  }

  @Serve(vaultRoutes.customerDelete)
  delete(@TheAccess() access: Access, @Input() { params }: InputOf<Routes['customerDelete']>): Promise<void> {
    return this.records.delete(access, params.id)
  }

  @Serve(vaultRoutes.customerReveal)
  reveal(
    @TheAccess() access: Access,
    @Input() { params, body }: InputOf<Routes['customerReveal']>,
  ): Promise<ReplyOf<Routes['customerReveal']>> {
    return this.records.reveal(access, params.id, body.fields, body)
  }

  @Serve(vaultRoutes.customerAccesses)
  accessesOf(
    @TheAccess() access: Access,
    @Input() { params, query }: InputOf<Routes['customerAccesses']>,
  ): Promise<ReplyOf<Routes['customerAccesses']>> {
    return this.accesses.page(access, params.id, query)
  }
}
