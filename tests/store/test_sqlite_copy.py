"""The copy of a file that others write meanwhile."""

from contextlib import closing

import apsw

from parley.store import database, sqlite_copy

ROW = (
    "insert into history (conversation_id, number, at, type, channel, starts)"
    " values (:id, 1, 1, 'opened', 'api', hex(zeroblob(500000)))"
)


def test_a_copy_sees_one_moment_and_does_not_begin_anew_when_others_write(tmp_path):
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    db = database.opened(tmp_path / "parley.db")
    db.migrate()
    for number in range(30):
        db.write(lambda tx, number=number: tx.run(ROW, id=f"before-{number}"))
    seen = []

    def write_another(step, done, _total):
        if step == "copying pages":
            seen.append(done)
            db.write(lambda tx: tx.run(ROW, id=f"after-{done}"))

    contents = sqlite_copy.save(db.name, drafts, lambda name: (tmp_path / f"part-{name}").open("wb"), write_another)
    db.close()
    with closing(apsw.Connection(str(tmp_path / "part-parley.db"))) as copy:
        found = {row[0] for row in copy.execute("select conversation_id from history")}
    assert len(seen) >= 3
    assert seen == sorted(set(seen))
    assert found == {f"before-{number}" for number in range(30)}
    assert {one.name: one.rows for one in contents.tables}["history"] == 30
