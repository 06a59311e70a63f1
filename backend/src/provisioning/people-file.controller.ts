import { Controller } from '@nestjs/common'
import { peopleFileRoutes as routes, type InputOf, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { PeopleFileService } from './people-file.service.js'

@Controller()
export class PeopleFileController {
  constructor(private readonly files: PeopleFileService) {}

  @Serve(routes.peopleFileCheck)
  check(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof routes.peopleFileCheck>,
  ): Promise<ReplyOf<typeof routes.peopleFileCheck>> {
    return this.files.check(access, body.csv)
  }

  @Serve(routes.peopleFileApply)
  apply(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof routes.peopleFileApply>,
  ): Promise<ReplyOf<typeof routes.peopleFileApply>> {
    return this.files.apply(access, body.csv)
  }
}
