CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`reason` text,
	`before` text,
	`after` text,
	`seq` integer,
	`operation_id` text
);
--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target`,`id`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor`,`id`);--> statement-breakpoint
CREATE TABLE `check_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`instance_id` text NOT NULL,
	`status` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`count` integer NOT NULL,
	`duration_min_ms` integer NOT NULL,
	`duration_max_ms` integer NOT NULL,
	`output` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `check_runs_instance` ON `check_runs` (`instance_id`,`id`);--> statement-breakpoint
CREATE INDEX `check_runs_to` ON `check_runs` (`to_at`);--> statement-breakpoint
CREATE TABLE `edge_rollups` (
	`step_ms` integer NOT NULL,
	`at` integer NOT NULL,
	`caller` text NOT NULL,
	`callee` text NOT NULL,
	`protocol` text NOT NULL,
	`count` integer NOT NULL,
	`errors` integer NOT NULL,
	`sketch` blob,
	PRIMARY KEY(`step_ms`, `at`, `caller`, `callee`, `protocol`)
);
--> statement-breakpoint
CREATE INDEX `edge_rollups_callee` ON `edge_rollups` (`step_ms`,`callee`,`at`);--> statement-breakpoint
CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`service` text NOT NULL,
	`generation` integer NOT NULL,
	`revision` integer NOT NULL,
	`last_heartbeat_at` integer,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `instances_service` ON `instances` (`service`);--> statement-breakpoint
CREATE TABLE `journal` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`service` text,
	`actor` text NOT NULL,
	`summary` text NOT NULL,
	`operation_id` text,
	`value` text
);
--> statement-breakpoint
CREATE INDEX `journal_key` ON `journal` (`key`,`seq`);--> statement-breakpoint
CREATE INDEX `journal_service` ON `journal` (`service`,`seq`) WHERE "journal"."service" is not null;--> statement-breakpoint
CREATE TABLE `journal_base` (
	`key` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`value` text
);
--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `operations` (
	`principal` text NOT NULL,
	`id` text NOT NULL,
	`procedure` text NOT NULL,
	`hash` text NOT NULL,
	`result` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`principal`, `id`)
);
--> statement-breakpoint
CREATE INDEX `operations_at` ON `operations` (`at`);--> statement-breakpoint
CREATE TABLE `services` (
	`name` text PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tombstones` (
	`id` text PRIMARY KEY NOT NULL,
	`generation` integer NOT NULL,
	`incarnation` text NOT NULL,
	`cause` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	`maintenance` text,
	`drain` text
);
--> statement-breakpoint
CREATE INDEX `tombstones_at` ON `tombstones` (`at`);