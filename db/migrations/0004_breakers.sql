CREATE TABLE `breakers` (
	`name` text PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`record` text NOT NULL
);
