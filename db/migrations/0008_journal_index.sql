CREATE TABLE `journal_keys` (
	`key` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`key`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `journal_of_services` (
	`service` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`service`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `journal_keys` (`key`, `seq`) SELECT `key`, `seq` FROM `journal` ORDER BY `key`, `seq`;
--> statement-breakpoint
INSERT INTO `journal_of_services` (`service`, `seq`) SELECT `service`, `seq` FROM `journal` WHERE `service` IS NOT NULL ORDER BY `service`, `seq`;
--> statement-breakpoint
INSERT INTO `meta` (`key`, `value`) SELECT 'journal.indexed', coalesce(max(`seq`), 0) FROM `journal`;
--> statement-breakpoint
DROP INDEX `journal_key`;
--> statement-breakpoint
DROP INDEX `journal_service`;
