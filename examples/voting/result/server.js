// The page that shows the votes.
const http = require('http');
const { Pool } = require('pg');

const db = new Pool({ host: 'db', user: 'postgres', password: 'postgres', max: 2 });
db.on('error', failure => console.log(`the database went away: ${failure.message}`));

http.createServer(async (request, response) => {
  try {
    const known = await db.query("SELECT to_regclass('votes') AS votes");
    const rows = known.rows[0].votes ? (await db.query('SELECT vote, COUNT(voter) AS count FROM votes GROUP BY vote')).rows : [];
    const count = vote => rows.find(row => row.vote === vote)?.count ?? 0;
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Votes</title><p>a: ${count('a')}</p><p>b: ${count('b')}</p>\n`);
  } catch (failure) {
    response.writeHead(503).end(`${failure.message}\n`);
  }
}).listen(80);
