# Takes votes out of the queue in redis and writes them into PostgreSQL, one for each voter. Both may be away for a while, and so may this program: a vote
# is in the list "taken" until it is written, also if redis gave it to a predecessor that died.
import json
import time

import psycopg2
import redis


def connect():
    db = psycopg2.connect(host="db", user="postgres", password="postgres")
    db.autocommit = True
    db.cursor().execute("CREATE TABLE IF NOT EXISTS votes (voter TEXT PRIMARY KEY, vote TEXT NOT NULL)")
    return db


def work(db, queue):
    queue.blmove("votes", "taken", 5, src="LEFT", dest="RIGHT")
    for entry in queue.lrange("taken", 0, -1):
        vote = json.loads(entry)
        db.cursor().execute(
            "INSERT INTO votes (voter, vote) VALUES (%s, %s) ON CONFLICT (voter) DO UPDATE SET vote = EXCLUDED.vote",
            (vote["voter"], vote["vote"]))
        queue.lrem("taken", 1, entry)


db, queue = None, redis.Redis(host="redis")
while True:
    try:
        db = db or connect()
        work(db, queue)
    except (psycopg2.Error, redis.RedisError) as failure:
        print(f"trying again: {failure}", flush=True)
        db = None
        time.sleep(1)
