// A list of things to do: a page, and behind it GET /items and POST /items.
const express = require('express');
const mysql = require('mysql2/promise');
const path = require('path');

const title = 'To do';
const pool = mysql.createPool({
  host: process.env.MYSQL_HOST, user: process.env.MYSQL_USER, password: process.env.MYSQL_PASSWORD, database: process.env.MYSQL_DB, connectionLimit: 4,
});
const ready = pool.query('CREATE TABLE IF NOT EXISTS items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) NOT NULL)');

const app = express();
app.use(express.json());
app.get('/', (request, response) => response.sendFile(path.join(__dirname, 'page.html')));
app.get('/title', (request, response) => response.type('text').send(title));
app.get('/items', answer(async (request, response) => response.json((await pool.query('SELECT id, name FROM items ORDER BY id'))[0])));
app.post('/items', answer(async (request, response) => {
  await pool.query('INSERT INTO items (name) VALUES (?)', [String(request.body.name)]);
  response.sendStatus(201);
}));
app.listen(3000);

function answer(work) {
  return (request, response, next) => ready.then(() => work(request, response)).catch(next);
}
