import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { ReviewReading } from './reading.service.js'
import { ReviewsService } from './reviews.service.js'

@Controller()
export class ReviewsController {
  constructor(
    private readonly reviews: ReviewsService,
    private readonly reading: ReviewReading,
  ) {}

  @Serve(routes.reviewMine)
  mine(@TheAccess() access: Access) {
    return this.reviews.mine(access)
  }

  @Serve(routes.reviewConfirm)
  confirm(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.reviewConfirm>) {
    return this.reviews.confirm(access, input)
  }

  @Serve(routes.reviewRemove)
  remove(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.reviewRemove>) {
    return this.reviews.remove(access, input)
  }

  @Serve(routes.reviewUndo)
  undo(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.reviewUndo>) {
    return this.reviews.undo(access, input)
  }

  @Serve(routes.reviewOpen)
  open(@TheAccess() access: Access) {
    return this.reviews.open(access)
  }

  @Serve(routes.reviews)
  list(@TheAccess() access: Access) {
    return this.reading.list(access)
  }

  @Serve(routes.review)
  one(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.review>) {
    return this.reading.one(access, params.id)
  }

  @Serve(routes.reviewResult)
  result(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.reviewResult>) {
    return this.reading.result(access, params.id)
  }
}
