CREATE TABLE "recoveries" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"state" text DEFAULT 'asked' NOT NULL,
	"reason" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"approved_by" text,
	"approved_at" timestamp (3) with time zone,
	"told" text,
	"due_at" timestamp (3) with time zone,
	"cancel_hash" "bytea",
	"ended_at" timestamp (3) with time zone,
	"ended_by" text
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "email" text;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "email_before" text;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "email_changed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "recoveries_open" ON "recoveries" USING btree ("account_id") WHERE "recoveries"."state" in ('asked', 'waiting');--> statement-breakpoint
CREATE INDEX "recoveries_asked" ON "recoveries" USING btree ("asked_at");