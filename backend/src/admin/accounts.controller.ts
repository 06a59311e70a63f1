import { Controller } from '@nestjs/common'
import { routes, type InputOf, type Invitation, type Person, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { AccountsService } from './accounts.service.js'

@Controller()
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Serve(routes.accountCreate)
  create(
    @TheAccess() access: Access,
    @Input() input: InputOf<typeof routes.accountCreate>,
  ): Promise<ReplyOf<typeof routes.accountCreate>> {
    return this.accounts.create(access, input)
  }

  @Serve(routes.accountInvite)
  invite(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.accountInvite>): Promise<Invitation> {
    return this.accounts.invite(access, input)
  }

  @Serve(routes.accountUninvite)
  uninvite(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.accountUninvite>): Promise<void> {
    return this.accounts.uninvite(access, input)
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
