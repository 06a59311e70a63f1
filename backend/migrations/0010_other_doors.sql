CREATE TABLE "oidc_flows" (
	"state_hash" "bytea" PRIMARY KEY NOT NULL,
	"nonce" text NOT NULL,
	"verifier" text NOT NULL,
	"device" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "door" text DEFAULT 'password' NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "door_subject" text;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "scopes" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "token_name" text;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_door_subject" ON "accounts" USING btree ("door","door_subject");