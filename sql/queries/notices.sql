-- name: find_notice(about)^
SELECT told_at, held_back FROM notice WHERE about = :about;

-- name: tell_notice(about, now, before)!
-- The row changes, or is made, only when nothing was told since `before`.
INSERT INTO notice (about, told_at, held_back) VALUES (:about, :now, 0)
ON CONFLICT (about) DO UPDATE SET told_at = excluded.told_at, held_back = 0
WHERE notice.told_at < :before;

-- name: hold_notice(about)!
UPDATE notice SET held_back = held_back + 1 WHERE about = :about;

-- name: untell_notice(about, told_at, was, held_back)!
UPDATE notice SET told_at = :was, held_back = held_back + :held_back
WHERE about = :about AND told_at = :told_at;
