ALTER TABLE "accounts" ADD COLUMN "decides_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "decides_given_by" text;