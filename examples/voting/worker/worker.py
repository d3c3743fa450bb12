# Takes votes out of the queue in redis and writes them into PostgreSQL, one for each voter. Both may be away for a while.
import json
import time

import psycopg2
import redis


def connect():
    while True:
        try:
            db = psycopg2.connect(host="db", user="postgres", password="postgres")
            db.autocommit = True
            db.cursor().execute("CREATE TABLE IF NOT EXISTS votes (voter TEXT PRIMARY KEY, vote TEXT NOT NULL)")
            return db
        except psycopg2.Error as failure:
            print(f"the database is not there yet: {failure}", flush=True)
            time.sleep(1)


def main():
    db, queue = connect(), redis.Redis(host="redis")
    print("waiting for votes", flush=True)
    while True:
        try:
            vote = queue.blpop("votes", timeout=60)
        except redis.RedisError as failure:
            print(f"redis is not there: {failure}", flush=True)
            time.sleep(1)
            continue
        while vote:
            try:
                entry = json.loads(vote[1])
                db.cursor().execute(
                    "INSERT INTO votes (voter, vote) VALUES (%s, %s) ON CONFLICT (voter) DO UPDATE SET vote = EXCLUDED.vote",
                    (entry["voter"], entry["vote"]))
                break
            except psycopg2.OperationalError:
                db = connect()


main()
