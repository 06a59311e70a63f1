ALTER TABLE "accounts" ADD COLUMN "totp_pending_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "totp_pending_session" text;--> statement-breakpoint
ALTER TABLE "access_reviews" ADD COLUMN "overdue_told" boolean DEFAULT false NOT NULL;