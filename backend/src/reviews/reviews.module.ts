import { Module } from '@nestjs/common'
import { NoticesModule } from '../notices/notices.module.js'
import { ReviewReading } from './reading.service.js'
import { ReviewsController } from './reviews.controller.js'
import { ReviewsService } from './reviews.service.js'
import { Rounds } from './rounds.service.js'

/** Everybody's rights, looked at again every quarter by whoever they answer to. docs/access-review.md. */
@Module({
  imports: [NoticesModule],
  controllers: [ReviewsController],
  providers: [ReviewsService, ReviewReading, Rounds],
})
export class ReviewsModule {}
