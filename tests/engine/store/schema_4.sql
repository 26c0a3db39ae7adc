-- A database of schema 4: two cases, a ledger entry, six events.
BEGIN TRANSACTION;
CREATE TABLE bundle (
	hash TEXT NOT NULL, 
	data BLOB NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (hash), 
	CONSTRAINT sha256_digest CHECK (length(digest) = 64)
)
 STRICT

;
INSERT INTO "bundle" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',X'3C646566696E6974696F6E732F3E','74090c339c687af014060fbb5d94f00b911baef5e832c72b3c7657392a8b3d20');
CREATE TABLE case_ (
	id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	route TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	round INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	opened_by TEXT NOT NULL, 
	opened_at TEXT NOT NULL, 
	bundle TEXT NOT NULL, 
	position BLOB NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT known_kind CHECK ("kind" IN ('normative_document', 'policy_document', 'agenda_item', 'agreement', 'tender_document')), 
	CONSTRAINT known_trigger CHECK ("trigger" IN ('government_issued', 'executive_meeting', 'government_signed', 'department_issued', 'forwarded', 'congress_bound')), 
	CONSTRAINT known_route CHECK ("route" IN ('government', 'department', 'out_of_scope')), 
	CONSTRAINT saved CHECK (revision >= 1), 
	CONSTRAINT counted CHECK (round >= 0 AND version >= 0)
)
 STRICT

;
INSERT INTO "case_" VALUES('2026-0001','青羊区促进预制菜产业发展的若干措施','商务局','policy_document','government_issued','government','joint_review',1,1,'wang','2026-03-02T04:00:00.000000Z','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',X'00706F736974696F6EFF',3);
INSERT INTO "case_" VALUES('2026-0002','青羊区促进预制菜产业发展的若干措施','商务局','policy_document','government_issued','government','joint_review',1,1,'wang','2026-03-02T04:00:00.000000Z','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',X'00706F736974696F6EFF',2);
CREATE TABLE command (
	id TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	act TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	case_id TEXT NOT NULL, 
	event_seq INTEGER NOT NULL, 
	result TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(event_seq) REFERENCES event (seq)
)
 STRICT

;
INSERT INTO "command" VALUES('submit 2026-0001','wang','submit','digest of submit 2026-0001','2026-0001',1,'{"case_id":"2026-0001","event_hash":"cd828725caf14ae0364de196496b9eab0ab55e97f973c9c5ab265cfa0084dc19","event_seq":1,"revision":1}');
INSERT INTO "command" VALUES('submit 2026-0002','wang','submit','digest of submit 2026-0002','2026-0002',2,'{"case_id":"2026-0002","event_hash":"a2ad65c6be57e9c746b68fc81c297ecef86f640d3a4442db0d7474112b4922b5","event_seq":2,"revision":1}');
INSERT INTO "command" VALUES('conclude 2026-0001','wang','conclude','digest of conclude 2026-0001','2026-0001',3,'{"case_id":"2026-0001","event_hash":"6f85fb1db13e1e2db97cc8a05ff5558bbe57f330aeca3ecb1f3ec75c6f8472b3","event_seq":3,"revision":2}');
INSERT INTO "command" VALUES('conclude 2026-0002','wang','conclude','digest of conclude 2026-0002','2026-0002',4,'{"case_id":"2026-0002","event_hash":"aa60dbe7c711c45fb4ac5e8583cb71dae828943bea3496cfb71222f10caaa9c9","event_seq":4,"revision":2}');
INSERT INTO "command" VALUES('note','wang','note','digest of note','2026-0001',5,'{"case_id":"2026-0001","event_hash":"7f04246eea8d291c00ba722304ad175838b013052d19d168dffd5f2e2eee022b","event_seq":5,"revision":3}');
INSERT INTO "command" VALUES('add','wang','ledger_add','digest of add','TZ-2026-0001',6,'{"case_id":"TZ-2026-0001","event_hash":"a4ec11c423b6a01fbe839736118f4ca516e30393af2a739bbd2ce4e3187ded8a","event_seq":6,"revision":1}');
CREATE TABLE content (
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (sha256), 
	CONSTRAINT sha256_sha256 CHECK (length(sha256) = 64), 
	CONSTRAINT sized CHECK (size >= 0)
)
 STRICT

;
INSERT INTO "content" VALUES('a5df4bbb7e5b4d71c5d04a2cb1f9234b04f4a7b8a018eb87d3992276f3832e79',40,X'28B52FFD2028410100E7ACACE4B880E69DA120E69CACE5B882E4BC81E4B89AE4BC98E58588E38082323032362D30303031');
INSERT INTO "content" VALUES('8887ddd5890639e2c260a752cb7d3f149faec38e3ddf9d123b7e28b4a2be9255',40,X'28B52FFD2028410100E7ACACE4B880E69DA120E69CACE5B882E4BC81E4B89AE4BC98E58588E38082323032362D30303032');
CREATE TABLE event (
	seq INTEGER NOT NULL, 
	case_id TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	prev TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT sha256_prev CHECK (length(prev) = 64), 
	CONSTRAINT sha256_hash CHECK (length(hash) = 64)
)
 STRICT

;
INSERT INTO "event" VALUES(1,'2026-0001','{"act":"submit","actor":"wang","at":"2026-03-02T04:00:00.000000Z","attested":false,"case":"2026-0001","command":"submit 2026-0001","command_digest":"digest of submit 2026-0001","contents":["a5df4bbb7e5b4d71c5d04a2cb1f9234b04f4a7b8a018eb87d3992276f3832e79"],"facts":{"stage_to":"self_review"},"prev":"0000000000000000000000000000000000000000000000000000000000000000","records":[{"digest":"6c1997a31448236064708290ded5d7d483532ed3507cb7321b96b84c16706965","id":"1-1","kind":"version"}],"revision":1,"seq":1,"state":"b27f420d2c3243aee40297794d64163deaced0f99f166c4a6a19bc41fada3da9","unit":"商务局","v":1}','0000000000000000000000000000000000000000000000000000000000000000','cd828725caf14ae0364de196496b9eab0ab55e97f973c9c5ab265cfa0084dc19');
INSERT INTO "event" VALUES(2,'2026-0002','{"act":"submit","actor":"wang","at":"2026-03-02T04:00:00.000000Z","attested":false,"case":"2026-0002","command":"submit 2026-0002","command_digest":"digest of submit 2026-0002","contents":["8887ddd5890639e2c260a752cb7d3f149faec38e3ddf9d123b7e28b4a2be9255"],"facts":{"stage_to":"self_review"},"prev":"cd828725caf14ae0364de196496b9eab0ab55e97f973c9c5ab265cfa0084dc19","records":[{"digest":"2601977706757f4e4ee3ef53429f17ecd75cd22279aee5ef2e5074c74e4fc9f9","id":"2-1","kind":"version"}],"revision":1,"seq":2,"state":"f6bca608c9f5aecb957989107ed11edd2583143c457667fbfa419eee2896d75e","unit":"商务局","v":1}','cd828725caf14ae0364de196496b9eab0ab55e97f973c9c5ab265cfa0084dc19','a2ad65c6be57e9c746b68fc81c297ecef86f640d3a4442db0d7474112b4922b5');
INSERT INTO "event" VALUES(3,'2026-0001','{"act":"conclude","actor":"wang","at":"2026-03-02T04:05:00.000000Z","attested":false,"case":"2026-0001","command":"conclude 2026-0001","command_digest":"digest of conclude 2026-0001","contents":[],"facts":{"stage_from":"self_review","stage_to":"joint_review"},"prev":"a2ad65c6be57e9c746b68fc81c297ecef86f640d3a4442db0d7474112b4922b5","records":[{"digest":"2270336891850a6a527a12e556ac126d6d3014a6bb232f8700f7b138b6965677","id":"3-1","kind":"conclusion"}],"revision":2,"seq":3,"state":"8fce250dfd7742a5dd6188cd8b16739187e72496ff03ed3589c8e73bb6ca528e","unit":"商务局","v":1}','a2ad65c6be57e9c746b68fc81c297ecef86f640d3a4442db0d7474112b4922b5','6f85fb1db13e1e2db97cc8a05ff5558bbe57f330aeca3ecb1f3ec75c6f8472b3');
INSERT INTO "event" VALUES(4,'2026-0002','{"act":"conclude","actor":"wang","at":"2026-03-02T04:05:00.000000Z","attested":false,"case":"2026-0002","command":"conclude 2026-0002","command_digest":"digest of conclude 2026-0002","contents":[],"facts":{"stage_from":"self_review","stage_to":"joint_review"},"prev":"6f85fb1db13e1e2db97cc8a05ff5558bbe57f330aeca3ecb1f3ec75c6f8472b3","records":[{"digest":"2270336891850a6a527a12e556ac126d6d3014a6bb232f8700f7b138b6965677","id":"4-1","kind":"conclusion"}],"revision":2,"seq":4,"state":"a7a683639ddca6477b3b062358399323e68f155349bbb963cbf51a3ca0403d97","unit":"商务局","v":1}','6f85fb1db13e1e2db97cc8a05ff5558bbe57f330aeca3ecb1f3ec75c6f8472b3','aa60dbe7c711c45fb4ac5e8583cb71dae828943bea3496cfb71222f10caaa9c9');
INSERT INTO "event" VALUES(5,'2026-0001','{"act":"note","actor":"wang","at":"2026-03-02T04:09:00.000000Z","attested":false,"case":"2026-0001","command":"note","command_digest":"digest of note","contents":[],"facts":{},"prev":"aa60dbe7c711c45fb4ac5e8583cb71dae828943bea3496cfb71222f10caaa9c9","records":[],"revision":3,"seq":5,"state":"18ed2b70a31297773e2f4b19ead5fc568b6eac78deb497454f5076ed931d9d0f","unit":"商务局","v":1}','aa60dbe7c711c45fb4ac5e8583cb71dae828943bea3496cfb71222f10caaa9c9','7f04246eea8d291c00ba722304ad175838b013052d19d168dffd5f2e2eee022b');
INSERT INTO "event" VALUES(6,'TZ-2026-0001','{"act":"ledger_add","actor":"wang","at":"2026-03-02T04:10:00.000000Z","attested":false,"case":"TZ-2026-0001","command":"add","command_digest":"digest of add","contents":[],"facts":{},"prev":"7f04246eea8d291c00ba722304ad175838b013052d19d168dffd5f2e2eee022b","records":[{"digest":"b6927aea87db7df00cd2b7a55be36e63ee16e2e2717442704e4206713bbe6059","id":"6-1","kind":"ledger_entry"}],"revision":1,"seq":6,"state":"887f6d524869164e238d7506711a52186507918f0f0b9bc32020c2189e9d33b3","unit":"商务局","v":1}','7f04246eea8d291c00ba722304ad175838b013052d19d168dffd5f2e2eee022b','a4ec11c423b6a01fbe839736118f4ca516e30393af2a739bbd2ce4e3187ded8a');
CREATE TABLE matter (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	opened_by TEXT NOT NULL, 
	opened_at TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT known_kind CHECK ("kind" IN ('ledger', 'complaint', 'sampling', 'process', 'key', 'calendar')), 
	CONSTRAINT saved_matter CHECK (revision >= 1)
)
 STRICT

;
INSERT INTO "matter" VALUES('TZ-2026-0001','ledger','问题','jtj','wang','2026-03-02T04:00:00.000000Z',1);
CREATE TABLE merkle (
	position INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	PRIMARY KEY (position)
)
 STRICT

;
INSERT INTO "merkle" VALUES(0,X'CD828725CAF14AE0364DE196496B9EAB0AB55E97F973C9C5AB265CFA0084DC19');
INSERT INTO "merkle" VALUES(1,X'A2AD65C6BE57E9C746B68FC81C297ECEF86F640D3A4442DB0D7474112B4922B5');
INSERT INTO "merkle" VALUES(2,X'FCA130216A4DE050E26798E1015626355CD0CA08148E38716D234DEE23D3C6CC');
INSERT INTO "merkle" VALUES(3,X'6F85FB1DB13E1E2DB97CC8A05FF5558BBE57F330AECA3ECB1F3EC75C6F8472B3');
INSERT INTO "merkle" VALUES(4,X'AA60DBE7C711C45FB4AC5E8583CB71DAE828943BEA3496CFB71222F10CAAA9C9');
INSERT INTO "merkle" VALUES(5,X'02C408092EB64F93C9975581E3932684BD4675C4BE87C1C6F4D3892CC19FC5B1');
INSERT INTO "merkle" VALUES(6,X'F51D3BA33AF30019026DA3DA5D77922B38C2F2331F53342AC5DC8546D62D3ADA');
INSERT INTO "merkle" VALUES(7,X'7F04246EEA8D291C00BA722304AD175838B013052D19D168DFFD5F2E2EEE022B');
INSERT INTO "merkle" VALUES(8,X'A4EC11C423B6A01FBE839736118F4CA516E30393AF2A739BBD2CE4E3187DED8A');
INSERT INTO "merkle" VALUES(9,X'BAAC909E5F14BEFB88D1BA21AF2E19F9E39D4EBBF07FFF0021FB77427C0A50C0');
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
)
 STRICT

;
INSERT INTO "meta" VALUES('schema','4');
INSERT INTO "meta" VALUES('origin','shuangshen/e8a395d8b53af829');
INSERT INTO "meta" VALUES('ledger 2026','1');
CREATE TABLE record (
	id TEXT NOT NULL, 
	case_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	round INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	event_seq INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT sha256_digest CHECK (length(digest) = 64), 
	FOREIGN KEY(event_seq) REFERENCES event (seq)
)
 STRICT

;
INSERT INTO "record" VALUES('1-1','2026-0001','version',1,'{"clause_keys":[],"document_number":"","filed_at":"2026-03-02T04:00:00.000000Z","filed_by":"wang","filename":"若干措施（送审稿）.docx","materials":[],"number":1,"sha256":"a5df4bbb7e5b4d71c5d04a2cb1f9234b04f4a7b8a018eb87d3992276f3832e79","text_sha256":"a5df4bbb7e5b4d71c5d04a2cb1f9234b04f4a7b8a018eb87d3992276f3832e79","title":"若干措施"}','6c1997a31448236064708290ded5d7d483532ed3507cb7321b96b84c16706965',1,1);
INSERT INTO "record" VALUES('2-1','2026-0002','version',1,'{"clause_keys":[],"document_number":"","filed_at":"2026-03-02T04:00:00.000000Z","filed_by":"wang","filename":"若干措施（送审稿）.docx","materials":[],"number":1,"sha256":"8887ddd5890639e2c260a752cb7d3f149faec38e3ddf9d123b7e28b4a2be9255","text_sha256":"8887ddd5890639e2c260a752cb7d3f149faec38e3ddf9d123b7e28b4a2be9255","title":"若干措施"}','2601977706757f4e4ee3ef53429f17ecd75cd22279aee5ef2e5074c74e4fc9f9',2,1);
INSERT INTO "record" VALUES('3-1','2026-0001','conclusion',1,'{"exception_accepted":false,"gate":"self_review","interests":"","outcome":"compliant","reason":"未发现违反审查标准的内容。","round":1,"signed_at":"2026-03-02T04:00:00.000000Z","signed_by":"li","text_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","unit":"商务局","version":1}','2270336891850a6a527a12e556ac126d6d3014a6bb232f8700f7b138b6965677',3,1);
INSERT INTO "record" VALUES('4-1','2026-0002','conclusion',1,'{"exception_accepted":false,"gate":"self_review","interests":"","outcome":"compliant","reason":"未发现违反审查标准的内容。","round":1,"signed_at":"2026-03-02T04:00:00.000000Z","signed_by":"li","text_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","unit":"商务局","version":1}','2270336891850a6a527a12e556ac126d6d3014a6bb232f8700f7b138b6965677',4,1);
INSERT INTO "record" VALUES('6-1','TZ-2026-0001','ledger_entry',0,'{"added_at":"2026-03-02T04:00:00.000000Z","added_by":"wang","case":"","complaint":"","due_on":"2026-06-30","measure":"补审","problem":"未经审查印发","source":"抽查","unit":"jtj"}','b6927aea87db7df00cd2b7a55be36e63ee16e2e2717442704e4206713bbe6059',6,1);
CREATE TABLE tally (
	name TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "tally" VALUES('role drafting_reviewer',0);
INSERT INTO "tally" VALUES('stage self_review',0);
INSERT INTO "tally" VALUES('role regulator',4);
INSERT INTO "tally" VALUES('stage joint_review',2);
CREATE TABLE task (
	case_id TEXT NOT NULL, 
	task TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	element TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	instance TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	due_on TEXT, 
	opened_at TEXT NOT NULL, 
	PRIMARY KEY (case_id, task), 
	CONSTRAINT known_role CHECK ("role" IN ('drafter', 'drafting_reviewer', 'drafting_head', 'regulator', 'joint_lead', 'auditor', 'co_reviewer')), 
	FOREIGN KEY(case_id) REFERENCES case_ (id)
)
 STRICT

;
INSERT INTO "task" VALUES('2026-0001','task-joint_review-市监局',0,'joint_review','自我审查','regulator','市监局','','商务局','2026-03-09','2026-03-02T04:05:00.000000Z');
INSERT INTO "task" VALUES('2026-0001','task-joint_review-司法局',1,'joint_review','自我审查','regulator','司法局','','商务局','2026-03-09','2026-03-02T04:05:00.000000Z');
INSERT INTO "task" VALUES('2026-0002','task-joint_review-市监局',0,'joint_review','自我审查','regulator','市监局','','商务局','2026-03-09','2026-03-02T04:05:00.000000Z');
INSERT INTO "task" VALUES('2026-0002','task-joint_review-司法局',1,'joint_review','自我审查','regulator','司法局','','商务局','2026-03-09','2026-03-02T04:05:00.000000Z');
CREATE INDEX case_by_unit_and_stage ON case_ (unit, stage, id);
CREATE INDEX case_by_unit ON case_ (unit, id);
CREATE INDEX case_by_stage ON case_ (stage, id);
CREATE INDEX matter_by_kind ON matter (kind, id);
CREATE INDEX event_by_case ON event (case_id, seq);
CREATE INDEX record_by_event ON record (event_seq, ordinal);
CREATE INDEX record_by_case ON record (case_id, event_seq, ordinal);
CREATE INDEX task_by_due ON task (COALESCE(due_on, '9999-12-31'), case_id, task, holder);
CREATE INDEX task_by_unit ON task (unit, role, COALESCE(due_on, '9999-12-31'), case_id, task, holder);
CREATE INDEX task_by_instance ON task (instance, COALESCE(due_on, '9999-12-31'), case_id, task, holder) WHERE role = 'co_reviewer';
CREATE INDEX task_by_role ON task (role, COALESCE(due_on, '9999-12-31'), case_id, task, holder);
CREATE TRIGGER event_follows BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM event)
  OR NEW.prev IS NOT COALESCE((SELECT hash FROM event ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'event does not follow the last one'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_no_replace BEFORE INSERT ON record WHEN EXISTS (SELECT 1 FROM record WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER content_no_update BEFORE UPDATE ON content BEGIN SELECT RAISE(ABORT, 'content is append-only'); END;
CREATE TRIGGER content_no_delete BEFORE DELETE ON content BEGIN SELECT RAISE(ABORT, 'content is append-only'); END;
CREATE TRIGGER content_no_replace BEFORE INSERT ON content WHEN EXISTS (SELECT 1 FROM content WHERE sha256 = NEW.sha256) BEGIN SELECT RAISE(ABORT, 'content is append-only'); END;
CREATE TRIGGER bundle_no_update BEFORE UPDATE ON bundle BEGIN SELECT RAISE(ABORT, 'bundle is append-only'); END;
CREATE TRIGGER bundle_no_delete BEFORE DELETE ON bundle BEGIN SELECT RAISE(ABORT, 'bundle is append-only'); END;
CREATE TRIGGER bundle_no_replace BEFORE INSERT ON bundle WHEN EXISTS (SELECT 1 FROM bundle WHERE hash = NEW.hash) BEGIN SELECT RAISE(ABORT, 'bundle is append-only'); END;
COMMIT;
