CREATE TABLE `saga_archive` (
	`run_id` text PRIMARY KEY NOT NULL,
	`history` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `saga_attributes` (
	`name` text NOT NULL,
	`value` text NOT NULL,
	`run_id` text NOT NULL,
	PRIMARY KEY(`name`, `value`, `run_id`)
);
--> statement-breakpoint
CREATE INDEX `saga_attributes_run` ON `saga_attributes` (`run_id`);--> statement-breakpoint
CREATE TABLE `saga_definitions` (
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`record` text NOT NULL,
	PRIMARY KEY(`name`, `version`)
);
--> statement-breakpoint
CREATE TABLE `saga_events` (
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`events` text NOT NULL,
	PRIMARY KEY(`run_id`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `saga_heads` (
	`name` text PRIMARY KEY NOT NULL,
	`latest` integer NOT NULL,
	`breakpoints` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `saga_queues` (
	`name` text PRIMARY KEY NOT NULL,
	`limit` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `saga_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`version` integer NOT NULL,
	`status` text NOT NULL,
	`seq` integer NOT NULL,
	`idempotency_key` text,
	`input_hash` text NOT NULL,
	`parent_id` text,
	`redrive_of` text,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`attention_since` integer,
	`archived_at` integer,
	`summary` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `saga_runs_definition` ON `saga_runs` (`definition`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `saga_runs_status` ON `saga_runs` (`status`,`id`);--> statement-breakpoint
CREATE INDEX `saga_runs_open` ON `saga_runs` (`id`) WHERE "saga_runs"."ended_at" is null;--> statement-breakpoint
CREATE INDEX `saga_runs_key` ON `saga_runs` (`definition`,`idempotency_key`) WHERE "saga_runs"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX `saga_runs_parent` ON `saga_runs` (`parent_id`) WHERE "saga_runs"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX `saga_runs_redrive` ON `saga_runs` (`redrive_of`) WHERE "saga_runs"."redrive_of" is not null;--> statement-breakpoint
CREATE INDEX `saga_runs_attention` ON `saga_runs` (`attention_since`) WHERE "saga_runs"."attention_since" is not null;--> statement-breakpoint
CREATE INDEX `saga_runs_ended` ON `saga_runs` (`ended_at`) WHERE "saga_runs"."ended_at" is not null and "saga_runs"."archived_at" is null;--> statement-breakpoint
CREATE TABLE `saga_schedules` (
	`name` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`cron` text NOT NULL,
	`timezone` text NOT NULL,
	`input` text,
	`enabled` integer NOT NULL,
	`revision` integer NOT NULL,
	`next_at` integer,
	`last_at` integer,
	`last_run_id` text,
	`last_error` text
);
