import {
  createParamDecorator,
  Inject,
  Injectable,
  mixin,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import type { SignInStep } from '@custodia/contracts'
import type { FastifyReply } from 'fastify'
import passport, { type Strategy } from 'passport'
import type { GatewayRequest } from '../gateway/serve.js'
import { AdmissionService, type Proven } from './admission.service.js'

type AdmittedRequest = GatewayRequest & { user: Proven; step: SignInStep }

let registered = 0

/** Passport keeps its strategies by name, once per process; each application in it registers under names of its own. */
function register(strategy: Strategy): string {
  const name = `${strategy.name}/${++registered}`
  passport.use(name, strategy)
  return name
}

/** Lets the strategy decide, and opens a session for whom it proved. Runs after the door; nothing else opens sessions. */
export const AdmitBy = (strategyType: Type<Strategy>): Type<CanActivate> => {
  @Injectable()
  class AdmitGuard extends AuthGuard() {
    constructor(
      @Inject(strategyType) strategy: Strategy,
      @Inject(AdmissionService) private readonly admission: AdmissionService,
    ) {
      super({ defaultStrategy: register(strategy) })
    }

    override async canActivate(context: ExecutionContext): Promise<boolean> {
      await super.canActivate(context)
      const request = context.switchToHttp().getRequest<AdmittedRequest>()
      const reply = context.switchToHttp().getResponse<FastifyReply>()
      request.step = await this.admission.admit(request.user, request.access, reply)
      return true
    }
  }
  return mixin(AdmitGuard)
}

/** What comes next for the person who was just let in. */
export const NextStep = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<AdmittedRequest>().step,
)
