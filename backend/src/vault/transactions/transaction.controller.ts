import { Controller } from '@nestjs/common'
import { vaultRoutes, type InputOf, type ReplyOf } from '@custodia/contracts'
import { Access } from '../../gateway/access.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { TransactionService } from './transaction.service.js'

type Routes = typeof vaultRoutes

@Controller()
export class TransactionController {
  constructor(private readonly transactions: TransactionService) {}

  @Serve(vaultRoutes.transactions)
  list(
    @TheAccess() access: Access,
    @Input() { params }: InputOf<Routes['transactions']>,
  ): Promise<ReplyOf<Routes['transactions']>> {
    return this.transactions.list(access, params.id)
  }

  @Serve(vaultRoutes.transactionAdd)
  add(
    @TheAccess() access: Access,
    @Input() { params, body }: InputOf<Routes['transactionAdd']>,
  ): Promise<ReplyOf<Routes['transactionAdd']>> {
    return this.transactions.add(access, params.id, body)
  }
}
