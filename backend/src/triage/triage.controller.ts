import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { PeopleService } from './people.service.js'
import { SummaryService } from './summary.service.js'

@Controller()
export class TriageController {
  constructor(
    private readonly people: PeopleService,
    private readonly summary: SummaryService,
  ) {}

  @Serve(routes.liveSummary)
  async live(@TheAccess() access: Access) {
    const summary = await this.summary.summary()
    await access.grant({ fields: ['live'] })
    return summary
  }

  @Serve(routes.people)
  everybody(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.people>) {
    return this.people.list(access, input)
  }

  @Serve(routes.person)
  person(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.person>) {
    return this.people.detail(access, params.id)
  }

  @Serve(routes.personFreeze)
  freeze(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personFreeze>) {
    return this.people.freeze(access, input)
  }

  @Serve(routes.personLiftAsk)
  askToLift(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personLiftAsk>) {
    return this.people.askToLift(access, input)
  }

  @Serve(routes.personUnrestrict)
  unrestrict(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personUnrestrict>) {
    return this.people.unrestrict(access, input)
  }

  @Serve(routes.personLift)
  lift(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personLift>) {
    return this.people.lift(access, input)
  }
}
