ALTER TABLE "ingest_seen" ADD COLUMN "done" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "ingest_seen" ADD COLUMN "attempt" text;