import { SetMetadata } from '@nestjs/common'

/** Metadata key of the reason why a handler has no door. */
export const OPEN_TO_ALL = 'custodia:open-to-all'

/** A handler outside the route table: answered for anybody, writes no event, serves nothing of the vault. Says why. */
export const OpenToAll = (why: string): MethodDecorator => SetMetadata(OPEN_TO_ALL, why)
