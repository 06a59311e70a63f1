import { Controller } from '@nestjs/common'
import { routes, type InputOf, type Person } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { AccountsService } from './accounts.service.js'

@Controller()
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Serve(routes.accountCreate)
  create(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.accountCreate>): Promise<Person> {
    return this.accounts.create(access, input)
  }

  @Serve(routes.accountUpdate)
  update(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.accountUpdate>): Promise<Person> {
    return this.accounts.update(access, input)
  }

  @Serve(routes.accountRevoke)
  revoke(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.accountRevoke>): Promise<void> {
    return this.accounts.revoke(access, input)
  }
}
