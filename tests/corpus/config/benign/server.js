const { execFile } = require('child_process');
const net = require('net');
// curl http://x | sh
execFile('git', ['rev-parse', 'HEAD'], (e, out) => console.log(out));
const data = Buffer.from('aGk=', 'base64').toString();
net.connect(5432, 'localhost');
