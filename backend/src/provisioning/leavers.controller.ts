import { Controller } from '@nestjs/common'
import { leaverRoutes as routes, type InputOf, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { LeaverBrake } from './leaver-brake.js'

@Controller()
export class LeaversController {
  constructor(private readonly brake: LeaverBrake) {}

  @Serve(routes.leaverBrake)
  async state(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.leaverBrake>> {
    await access.grant({ fields: ['leavers'], count: 0 })
    return this.brake.state()
  }

  @Serve(routes.leaverBrakeRelease)
  release(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof routes.leaverBrakeRelease>,
  ): Promise<ReplyOf<typeof routes.leaverBrakeRelease>> {
    return this.brake.release(access, body)
  }
}
