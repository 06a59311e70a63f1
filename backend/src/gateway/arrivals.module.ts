import { Global, Module } from '@nestjs/common'
import { Arrivals } from './arrivals.js'

/** Apart from the gate, because the vault names its statements to it in processes that serve nobody as well. */
@Global()
@Module({ providers: [Arrivals], exports: [Arrivals] })
export class ArrivalsModule {}
