# The page on which people vote. A vote goes into a queue in redis; who votes again is known by a cookie.
import json
import os
import uuid

from flask import Flask, make_response, render_template_string, request
from redis import Redis

OPTIONS = {"a": os.environ.get("OPTION_A", "Cats"), "b": os.environ.get("OPTION_B", "Dogs")}
PAGE = """<!doctype html><title>{{ a }} or {{ b }}?</title><h1>{{ a }} or {{ b }}?</h1>
<form method="post"><button name="vote" value="a">{{ a }}</button><button name="vote" value="b">{{ b }}</button></form>
{% if vote %}<p>You voted for {{ vote }}.</p>{% endif %}"""

app = Flask(__name__)
queue = Redis(host="redis")


@app.route("/", methods=["GET", "POST"])
def index():
    voter = request.cookies.get("voter") or uuid.uuid4().hex
    vote = request.form.get("vote")
    if vote in OPTIONS:
        queue.rpush("votes", json.dumps({"voter": voter, "vote": vote}))
    answer = make_response(render_template_string(PAGE, a=OPTIONS["a"], b=OPTIONS["b"], vote=OPTIONS.get(vote)))
    answer.set_cookie("voter", voter)
    return answer


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=80, threaded=True)
