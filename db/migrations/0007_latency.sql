CREATE TABLE `exemplars` (
	`key` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`trace_id` text NOT NULL,
	`caller` text NOT NULL,
	`reporter` text NOT NULL,
	`request_id` text NOT NULL,
	`callee` text NOT NULL,
	`route` text,
	`failed` integer NOT NULL,
	`notable` integer NOT NULL,
	`total_ms` real NOT NULL,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `exemplars_request` ON `exemplars` (`reporter`,`request_id`);--> statement-breakpoint
CREATE INDEX `exemplars_trace` ON `exemplars` (`trace_id`);--> statement-breakpoint
CREATE INDEX `exemplars_at` ON `exemplars` (`at`);--> statement-breakpoint
CREATE INDEX `exemplars_callee` ON `exemplars` (`callee`,`at`);--> statement-breakpoint
CREATE TABLE `latency_rollups` (
	`step_ms` integer NOT NULL,
	`at` integer NOT NULL,
	`caller` text NOT NULL,
	`callee` text NOT NULL,
	`protocol` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`quality` text NOT NULL,
	`count` integer NOT NULL,
	`errors` integer NOT NULL,
	`clamped` integer NOT NULL,
	`network_ms` real NOT NULL,
	`processing_ms` real NOT NULL,
	`queue_ms` real NOT NULL,
	`unattributed_ms` real NOT NULL,
	`sketches` blob NOT NULL,
	PRIMARY KEY(`step_ms`, `kind`, `at`, `caller`, `callee`, `protocol`, `name`, `quality`)
);
--> statement-breakpoint
CREATE INDEX `latency_rollups_callee` ON `latency_rollups` (`step_ms`,`kind`,`callee`,`at`);