import { Global, Module } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import { openCalendar } from './calendar.js'
import { CalendarWatch } from './calendar-watch.js'
import { CaptureService } from './capture.service.js'
import { Enricher } from './enricher.js'
import { openGeography } from './geo.js'
import { Metrics } from './metrics.js'

/** ① → ②: every event is built, enriched and appended here. */
@Global()
@Module({
  providers: [
    CaptureService,
    CalendarWatch,
    Metrics,
    {
      provide: Enricher,
      inject: [CONFIG],
      useFactory: async (config: Config) =>
        new Enricher(
          await openCalendar({ file: config.calendarFile, timeZone: config.timeZone }),
          await openGeography(),
        ),
    },
  ],
  exports: [CalendarWatch, CaptureService, Enricher, Metrics],
})
export class CaptureModule {}
