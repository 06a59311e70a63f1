CREATE TABLE "free_exports" (
	"event_id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"customers" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "free_exports_account" ON "free_exports" USING btree ("account_id","at");